"""Choose the threshold of a binary classifier: a number, or a rule that is applied to the training rows."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

FOLDS = 3
DECIMALS = 6
"""Decimals to which scores are compared, because the compiled model computes in single precision."""
RULE = re.compile(r"cost:fp=(?P<fp>\d+(?:\.\d+)?),fn=(?P<fn>\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Threshold:
    """A value of `--threshold`: a number, `f1`, or the costs of the two errors."""

    text: str
    number: float | None = None
    costs: tuple[float, float] | None = None
    """The costs of a false positive and a false negative; None if the rule maximizes F1."""

    def __str__(self) -> str:
        """Return the value as the user typed it."""
        return self.text


HALF = Threshold("0.5", 0.5)


def parse_threshold(text: str) -> Threshold:
    """Parse a value of `--threshold`.

    Raises:
        ValueError: the text is not valid; the message lists what is.
    """
    if text == "f1":
        return Threshold(text)
    if rule := RULE.fullmatch(text):
        false_positive, false_negative = float(rule["fp"]), float(rule["fn"])
        if false_positive + false_negative > 0:
            return Threshold(text, costs=(false_positive, false_negative))
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < 1:
        raise ValueError(
            "must be a number between 0 and 1, f1, or cost:fp=1,fn=5 with the costs of a false positive and negative"
        )
    return Threshold(text, number)


def choose_threshold(rule: Threshold, pipeline: Any, X: "pd.DataFrame", y: "pd.Series") -> tuple[float, str]:
    """Return the threshold and a description of how it was chosen.

    A rule uses cross-validated probabilities of the training rows, never the hold-out rows: those must stay unseen
    to evaluate the threshold.
    """
    if rule.number is not None:
        return rule.number, ""
    from sklearn.model_selection import cross_val_predict

    score = cross_val_predict(pipeline, X, y, cv=FOLDS, method="predict_proba")[:, 1]
    chosen = best_threshold(rule, (y == pipeline.classes_[1]).to_numpy(), score)
    return chosen, f"{rule.text}, chosen by {FOLDS}-fold cross-validation on the training rows"


def best_threshold(rule: Threshold, truth: Any, score: Any) -> float:
    """Return the best threshold midway between two neighboring scores, where rounding changes no prediction.

    Args:
        rule: maximizes F1, or minimizes the costs.
        truth: whether each row is of the second class, of shape [n].
        score: the probability of the second class, of shape [n].
    """
    import numpy as np

    values, place = np.unique(np.round(score, DECIMALS), return_inverse=True)
    found = np.bincount(place, truth, len(values))
    false = np.bincount(place, ~truth, len(values))
    # Below the first value all rows are predicted as the second class, above the last none.
    found, false = (np.append(side.sum(), side.sum() - side.cumsum()) for side in (found, false))
    thresholds = np.concatenate([[values[0] / 2], (values[1:] + values[:-1]) / 2, [(values[-1] + 1) / 2]])
    missed = found[0] - found
    if rule.costs is None:
        return float(thresholds[np.argmax(2 * found / (2 * found + false + missed))])
    return float(thresholds[np.argmin(rule.costs[0] * false + rule.costs[1] * missed)])
