"""The threshold of two classes: a number, or a rule by which one is chosen on rows that were fitted."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

FOLDS = 3
DECIMALS = 6
"""Scores that differ by less are the same: the compiled model computes in single precision."""
RULE = re.compile(r"cost:fp=(?P<fp>\d+(?:\.\d+)?),fn=(?P<fn>\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Threshold:
    """What stands behind `--threshold`."""

    text: str
    number: float | None = None
    costs: tuple[float, float] | None = None
    """Of a false positive and of a false negative; None where F1 decides."""

    def __str__(self) -> str:
        """As it is typed."""
        return self.text


HALF = Threshold("0.5", 0.5)


def parse_threshold(text: str) -> Threshold:
    """Read a rule.

    Raises:
        ValueError: saying what may stand there.
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
        raise ValueError("must be a number between 0 and 1, f1, or cost:fp=1,fn=5 with what each mistake costs")
    return Threshold(text, number)


def choose_threshold(rule: Threshold, pipeline: Any, X: "pd.DataFrame", y: "pd.Series") -> tuple[float, str]:
    """Return the threshold and how it came about.

    A rule looks at each fitted row as a model sees it that was fitted on the others (by cross-validation),
    never at the rows held out: the choice could not be evaluated there.
    """
    if rule.number is not None:
        return rule.number, ""
    from sklearn.model_selection import cross_val_predict

    score = cross_val_predict(pipeline, X, y, cv=FOLDS, method="predict_proba")[:, 1]
    chosen = best_threshold(rule, (y == pipeline.classes_[1]).to_numpy(), score)
    return chosen, f"{rule.text}, chosen by {FOLDS}-fold cross-validation on the rows fitted"


def best_threshold(rule: Threshold, truth: Any, score: Any) -> float:
    """Return the best of the thresholds in the middle between two scores: there rounding decides no row.

    Args:
        rule: F1, which is to be large, or costs, which are to be small.
        truth: whether each row is of the second class, [n].
        score: its probability, [n].
    """
    import numpy as np

    values, place = np.unique(np.round(score, DECIMALS), return_inverse=True)
    found = np.bincount(place, truth, len(values))
    false = np.bincount(place, ~truth, len(values))
    # Before the first value all rows are answered with the second class, after the last none.
    found, false = (np.append(side.sum(), side.sum() - side.cumsum()) for side in (found, false))
    thresholds = np.concatenate([[values[0] / 2], (values[1:] + values[:-1]) / 2, [(values[-1] + 1) / 2]])
    missed = found[0] - found
    if rule.costs is None:
        return float(thresholds[np.argmax(2 * found / (2 * found + false + missed))])
    return float(thresholds[np.argmin(rule.costs[0] * false + rule.costs[1] * missed)])
