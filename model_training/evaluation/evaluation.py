"""How good a fitted model is on rows it has not seen: all that the report shows, as JSON."""

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from function.model.engines.sklearn import has_two_stages
from function.model.joblib.bare import task_of
from function.model.manifest import Scalar, Task
from model_training.evaluation.curves import Curves, curves_of
from model_training.evaluation.intervals import intervals
from model_training.evaluation.metrics import confusion, metrics_of
from model_training.evaluation.predictions import Predictions, predict_rows
from model_training.evaluation.slices import Slices, slices_of

SHOWN_THRESHOLDS = tuple(round(0.1 * i, 1) for i in range(1, 10))
MOST_CLASSES = 12
"""Of which a confusion matrix can be read."""


class Metric(msgspec.Struct, frozen=True):
    """A number on the rows held out, its 95 % interval, and the same of a model that knows the target alone.

    That model answers the mean, or the majority class with the share of each class as its probability.
    """

    value: float
    low: float | None = None
    high: float | None = None
    baseline: float | None = None


class AtThreshold(msgspec.Struct, frozen=True):
    """What a threshold would make of two classes."""

    threshold: float
    confusion: tuple[tuple[int, ...], ...]


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """An evaluation."""

    task: Task
    target: str
    estimator: str
    classes: tuple[Scalar, ...]
    fitted_rows: int
    """0 where the model was fitted elsewhere, and may have seen these rows."""
    rows: int
    threshold: float | None
    threshold_rule: str
    metrics: dict[str, Metric]
    confusion: tuple[tuple[int, ...], ...] = ()
    """A row each true class, a column each answer; empty for a regression or too many classes."""
    thresholds: tuple[AtThreshold, ...] = ()
    curves: dict[str, Curves]
    slices: Slices

    def plain_metrics(self) -> dict[str, float]:
        """Return what a manifest keeps."""
        return {name: metric.value for name, metric in self.metrics.items()} | {"hold_out_rows": self.rows}


def evaluate(
    model: Any,
    X: pd.DataFrame,
    y: pd.Series,
    *,
    seed: int,
    fitted: pd.Series | None = None,
    threshold: float | None = None,
    rule: str = "",
) -> Evaluation:
    """Evaluate a fitted model.

    Args:
        model: a pipeline or an estimator.
        X: the rows, with the model's columns.
        y: what is true of them.
        seed: of the resamples.
        fitted: the target of the rows that the model was fitted on, where they are known.
        threshold: of the second of two classes; None leaves the label to the estimator.
        rule: how the threshold was chosen.
    """
    predictions = predict_rows(model, X, y).at(threshold)
    target = y if fitted is None else fitted
    return Evaluation(
        task=task_of(model),
        target=str(y.name),
        estimator=_estimator(model),
        classes=tuple(predictions.classes),
        fitted_rows=0 if fitted is None else len(fitted),
        rows=len(y),
        threshold=threshold,
        threshold_rule=rule,
        metrics=_metrics(predictions, _baseline(predictions, target), seed),
        confusion=_confusion(predictions),
        thresholds=_thresholds(predictions),
        curves=curves_of(predictions, seed),
        slices=slices_of(predictions, X),
    )


def _metrics(predictions: Predictions, baseline: Predictions, seed: int) -> dict[str, Metric]:
    bounds, beside = intervals(predictions, seed), metrics_of(baseline)
    return {
        name: Metric(value, low, high, beside.get(name))
        for name, value in metrics_of(predictions).items()
        for low, high in [bounds.get(name, (None, None))]
    }


def _baseline(predictions: Predictions, target: pd.Series) -> Predictions:
    """Judge a model of the target alone: the mean, or the majority class with each class's share."""
    rows = len(predictions.truth)
    if predictions.task == "regression":
        return replace(predictions, answers=np.full(rows, target.mean()))
    counts = target.value_counts().reindex(pd.Index(predictions.classes), fill_value=0).to_numpy()
    shares = None if predictions.probabilities is None else np.tile(counts / counts.sum(), (rows, 1))
    return replace(predictions, answers=np.full(rows, counts.argmax()), probabilities=shares)


def _confusion(predictions: Predictions) -> tuple[tuple[int, ...], ...]:
    if predictions.task == "regression" or len(predictions.classes) > MOST_CLASSES:
        return ()
    (counts,) = confusion(predictions, np.ones((1, len(predictions.truth))))
    return tuple(map(tuple, counts.astype(int).tolist()))


def _thresholds(predictions: Predictions) -> tuple[AtThreshold, ...]:
    if predictions.scores is None:
        return ()
    return tuple(AtThreshold(threshold, _confusion(predictions.at(threshold))) for threshold in SHOWN_THRESHOLDS)


def _estimator(model: Any) -> str:
    """Name the estimator with the parameters that are not its defaults, as scikit-learn prints it."""
    return " ".join(str(model[-1] if has_two_stages(model) else model).split())
