"""The links of scikit-learn's losses."""

from typing import Any

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.structure import Link

LINKS = {
    "IdentityLink": Link(),
    "LogitLink": Link("logistic"),
    "HalfLogitLink": Link("logistic", 2.0),
    "LogLink": Link("exp"),
    "MultinomialLogit": Link("softmax"),
}


def link_of(estimator: Any) -> Link:
    """Return the link of the loss that an estimator was fitted with.

    Raises:
        Refused: it is none of those known.
    """
    name = type(estimator._loss.link).__name__  # noqa: SLF001
    if name not in LINKS:
        raise Refused(f"the link {name}")
    return LINKS[name]
