"""How scores become probabilities or values, in scikit-learn's own formulas."""

from collections.abc import Callable

import numpy as np

from function.model.plan.steps.prepared import Matrix


def expit(x: Matrix) -> Matrix:
    """Compute the logistic function."""
    with np.errstate(over="ignore"):
        result: Matrix = 1.0 / (1.0 + np.exp(-x))
    return result


def exponential(x: Matrix) -> Matrix:
    """Compute exp, which may be infinite."""
    with np.errstate(over="ignore"):
        result: Matrix = np.exp(x)
    return result


def logistic(scores: Matrix) -> Matrix:
    """Turn the score of the second of two classes, [n, 1], into its probability, [n]."""
    return expit(scores[:, 0])


def one_vs_rest(scores: Matrix) -> Matrix:
    """Turn a score for each class into the share of its own probability."""
    return _shares(expit(scores))


def softmax(scores: Matrix) -> Matrix:
    """Turn a score for each class into probabilities by the softmax function."""
    with np.errstate(over="ignore"):  # A difference may be infinite, and its power is 0.
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return result


def modified_huber(scores: Matrix) -> Matrix:
    """Turn scores into probabilities as the modified Huber loss does: of one score, that of the second class, [n]."""
    found = (np.clip(scores, -1, 1) + 1.0) / 2.0
    return found[:, 0] if found.shape[1] == 1 else _shares(found)


def _shares(found: Matrix) -> Matrix:
    total = found.sum(axis=1, keepdims=True)
    nothing = total[:, 0] == 0
    if nothing.any():
        found[nothing], total[nothing] = 1.0, found.shape[1]
    result: Matrix = found / total
    return result


PROBABILITIES: dict[str, Callable[[Matrix], Matrix]] = {
    "logistic": logistic,
    "one-vs-rest": one_vs_rest,
    "softmax": softmax,
    "modified-huber": modified_huber,
}
VALUES: dict[str, Callable[[Matrix], Matrix]] = {"identity": lambda scores: scores, "exp": exponential}
