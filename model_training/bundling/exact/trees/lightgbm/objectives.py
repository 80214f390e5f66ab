"""What LightGBM's objectives do after the trees."""

from typing import NamedTuple

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.checked import finite
from model_training.bundling.exact.trees.structure import Link

IDENTITY = ("regression", "regression_l1", "huber", "fair", "quantile", "mape", "lambdarank", "rank_xendcg")
EXPONENTIAL = ("poisson", "gamma", "tweedie")
PARAMETERS = {
    "regression": {"sqrt"}, "binary": {"sigmoid"}, "multiclass": {"num_class"},
    "multiclassova": {"num_class", "sigmoid"},
}  # fmt: skip


class Objective(NamedTuple):
    """The link, and whether there are classes."""

    link: Link
    has_classes: bool = False


def objective_of(written: str) -> Objective:
    """Read the line of the objective.

    Raises:
        Refused: it or one of its parameters is not known.
    """
    name, *words = written.split() or [""]
    parameters = dict(word.partition(":")[::2] for word in words)
    if unknown := sorted(parameters.keys() - PARAMETERS.get(name, set())):
        raise Refused(f"the parameter {unknown[0][:60]!r} of the objective {name[:60]!r} is not supported")
    slope = finite(parameters.get("sigmoid", 1), "the slope of the logistic function")
    if name == "regression" and "sqrt" in parameters:
        return Objective(Link("signed-square"))
    found = LINKS.get(name)
    if found is None:
        raise Refused(
            f"the objective {name[:60]!r} of LightGBM is not supported" if name else "an objective of your own"
        )
    return Objective(Link(found.link.kind, slope), found.has_classes)


LINKS = {
    **dict.fromkeys(IDENTITY, Objective(Link())),
    **dict.fromkeys(EXPONENTIAL, Objective(Link("exp"))),
    "cross_entropy": Objective(Link("logistic-of-each")),
    "cross_entropy_lambda": Objective(Link("log1p-exp")),
    "binary": Objective(Link("logistic"), has_classes=True),
    "multiclass": Objective(Link("softmax-in-order"), has_classes=True),
    "multiclassova": Objective(Link("logistic-of-each"), has_classes=True),
}
