"""Evaluate a fitted model on hold-out rows; the result is written as JSON and shown in the report."""

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from function.model.engines.sklearn import has_two_stages
from function.model.joblib.tasks import target_task
from function.model.manifest import Scalar, Task
from model_training.evaluation.column_uses import ColumnUse
from model_training.evaluation.curves import Curves, curves_of
from model_training.evaluation.importance import Importance, importance_of
from model_training.evaluation.intervals import intervals
from model_training.evaluation.metrics import confusion, metrics_of
from model_training.evaluation.predictions import Predictions, predict_rows
from model_training.evaluation.slices import Slices, slices_of

SHOWN_THRESHOLDS = tuple(round(0.1 * i, 1) for i in range(1, 10))
MAX_CLASSES = 12
"""The most classes for which a confusion matrix is still readable."""


class Metric(msgspec.Struct, frozen=True):
    """A metric on the hold-out rows: its value, its 95 % confidence interval, and the value of the baseline.

    The baseline model ignores the features: it predicts the mean, or the most frequent class with the share of each
    class as its probability.
    """

    value: float
    low: float | None = None
    high: float | None = None
    baseline: float | None = None


class AtThreshold(msgspec.Struct, frozen=True):
    """The confusion matrix of a binary task at one threshold."""

    threshold: float
    confusion: tuple[tuple[int, ...], ...]


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """The result of evaluating a model: metrics, confusion matrices, curves and slices."""

    task: Task
    target: str
    estimator: str
    classes: tuple[Scalar, ...]
    fitted_rows: int
    """The number of training rows; 0 if the model was trained elsewhere and may have seen these rows."""
    rows: int
    threshold: float | None
    threshold_rule: str
    metrics: dict[str, Metric]
    confusion: tuple[tuple[int, ...], ...] = ()
    """The confusion matrix: a row per actual class, a column per predicted class; empty if it does not apply."""
    thresholds: tuple[AtThreshold, ...] = ()
    curves: dict[str, Curves]
    slices: Slices
    importance: Importance
    """How much the model depends on each feature."""
    columns: tuple[ColumnUse, ...] = ()
    """How each column of the training table is used; empty for a built-in data set, and a model trained elsewhere."""
    remarks: tuple[str, ...] = ()
    """Warnings of the training."""

    def plain_metrics(self) -> dict[str, float]:
        """Return the metrics as the manifest stores them: values alone, and the number of hold-out rows."""
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
    """Evaluate a fitted model on rows with a known target.

    Args:
        model: a pipeline or an estimator.
        X: the rows, with the model's columns, of shape [n, features].
        y: the actual target of the rows, of shape [n].
        seed: seed of the bootstrap resamples.
        fitted: the target of the rows that the model was fitted on; None if they are unknown.
        threshold: threshold for the second class of a binary task; None uses the estimator's own labels.
        rule: description of how the threshold was chosen.
    """
    predictions = predict_rows(model, X, y).at(threshold)
    target = y if fitted is None else fitted
    return Evaluation(
        task=target_task(model),
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
        importance=importance_of(model, X, y, threshold=threshold, seed=seed),
    )


def _metrics(predictions: Predictions, baseline: Predictions, seed: int) -> dict[str, Metric]:
    bounds, beside = intervals(predictions, seed), metrics_of(baseline)
    return {
        name: Metric(value, low, high, beside.get(name))
        for name, value in metrics_of(predictions).items()
        for low, high in [bounds.get(name, (None, None))]
    }


def _baseline(predictions: Predictions, target: pd.Series) -> Predictions:
    """Return the predictions of the baseline: the mean, or the most frequent class with each class's share."""
    rows = len(predictions.truth)
    if predictions.task == "regression":
        return replace(predictions, predicted=np.full(rows, target.mean()))
    counts = target.value_counts().reindex(pd.Index(predictions.classes), fill_value=0).to_numpy()
    shares = None if predictions.probabilities is None else np.tile(counts / counts.sum(), (rows, 1))
    return replace(predictions, predicted=np.full(rows, counts.argmax()), probabilities=shares)


def _confusion(predictions: Predictions) -> tuple[tuple[int, ...], ...]:
    if predictions.task == "regression" or len(predictions.classes) > MAX_CLASSES:
        return ()
    (counts,) = confusion(predictions, np.ones((1, len(predictions.truth))))
    return tuple(map(tuple, counts.astype(int).tolist()))


def _thresholds(predictions: Predictions) -> tuple[AtThreshold, ...]:
    if predictions.scores is None:
        return ()
    return tuple(AtThreshold(threshold, _confusion(predictions.at(threshold))) for threshold in SHOWN_THRESHOLDS)


def _estimator(model: Any) -> str:
    """Return the estimator's class and non-default parameters, as scikit-learn prints them."""
    return " ".join(str(model[-1] if has_two_stages(model) else model).split())
