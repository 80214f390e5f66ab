"""What XGBoost's objectives do before and after the trees."""

import ctypes
import json
import math
from typing import Any, Literal, NamedTuple

import numpy as np

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.checked import finite
from model_training.bundling.exact.trees.structure import Numbers, Rule


class Objective(NamedTuple):
    """The link, what turns the base score into a margin, and how a class is chosen where there are classes."""

    link: str = "identity"
    start: Literal["identity", "logit", "log"] = "identity"
    rule: Rule | None = None
    """None: a regression, or a score."""


OBJECTIVES = {
    **dict.fromkeys(
        (
            "reg:squarederror", "reg:squaredlogerror", "reg:pseudohubererror", "reg:absoluteerror",
            "reg:quantileerror", "binary:logitraw", "rank:pairwise", "rank:ndcg", "rank:map",
        ),
        Objective(),
    ),
    **dict.fromkeys(("count:poisson", "reg:gamma", "reg:tweedie"), Objective("exp", "log")),
    "reg:logistic": Objective("logistic-of-each", "logit"),
    "binary:logistic": Objective("logistic", "logit", "argmax"),
    "binary:hinge": Objective("hinge", rule="argmax"),
    "multi:softprob": Objective("softmax", rule="argmax"),
    "multi:softmax": Objective("softmax", rule="raw"),
}  # fmt: skip


def objective_of(name: Any) -> Objective:
    """Return what is known of an objective.

    Raises:
        Refused: nothing is.
    """
    if name not in OBJECTIVES:
        raise Refused(f"the objective {str(name)[:60]!r} of XGBoost is not supported")
    return OBJECTIVES[name]


def margins(written: str, start: str, outputs: int) -> Numbers:
    """Turn the base score, a number or since 3.1 a list of them, into margins, as XGBoost's float32 arithmetic does."""
    scores = np.atleast_1d(np.asarray(json.loads(written), dtype=np.float32))
    for score in scores.tolist():
        finite(score, "the base score")
    if start == "logit":
        _check(scores, 1.0)
        inner = np.float32(1) / scores - np.float32(1)
        scores = np.array([-single_log(value) for value in inner.tolist()], dtype=np.float32)
    elif start == "log":
        _check(scores, np.inf)
        scores = np.array([single_log(value) for value in scores.tolist()], dtype=np.float32)
    return np.broadcast_to(scores, (outputs,)).astype(np.float64)


def single_log(value: float) -> float:
    """Take the logarithm of a float32 by the C library's logf, as XGBoost does: it differs from log in a last bit.

    Where a process has no logf, that of a double is rounded.
    """
    try:
        logf = ctypes.CDLL(None).logf
    except (AttributeError, OSError, TypeError):
        return float(np.float32(math.log(value)))
    logf.restype, logf.argtypes = ctypes.c_float, [ctypes.c_float]
    return float(logf(value))


def _check(scores: Any, below: float) -> None:
    if not ((scores > 0) & (scores < below)).all():
        raise Refused(f"a base score that is not between 0 and {below:g}")
