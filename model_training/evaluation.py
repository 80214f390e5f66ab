"""How good a fitted model is on rows it has not seen."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn import metrics

from function.model.manifest import Task
from model_training.features import rows_of

PRINCIPAL: dict[Task, str] = {"binary": "roc_auc", "multiclass": "macro_roc_auc", "regression": "r2"}
"""The metric of each task by which two models are compared; more is better."""


def evaluate(model: Any, task: Task, X: pd.DataFrame, y: pd.Series) -> dict[str, float]:
    """Return the metrics of a fitted model; those that need probabilities only where it has them."""
    rows = rows_of(model, X)
    predicted = model.predict(rows)
    result = _of_values(y, predicted) if task == "regression" else _of_labels(y, predicted)
    if task != "regression" and hasattr(model, "predict_proba"):
        result |= _of_probabilities(task, y, model.predict_proba(rows), model.classes_)
    # JSON knows no NaN: a metric that the rows do not define is left out.
    return {name: float(value) for name, value in result.items() if np.isfinite(value)} | {"hold_out_rows": len(y)}


def _of_values(y: pd.Series, predicted: Any) -> dict[str, float]:
    return {
        "r2": metrics.r2_score(y, predicted),
        "mean_absolute_error": metrics.mean_absolute_error(y, predicted),
        "root_mean_squared_error": metrics.root_mean_squared_error(y, predicted),
    }


def _of_labels(y: pd.Series, predicted: Any) -> dict[str, float]:
    return {
        "accuracy": metrics.accuracy_score(y, predicted),
        "macro_f1": metrics.f1_score(y, predicted, average="macro"),
    }


def _of_probabilities(task: Task, y: pd.Series, probability: Any, classes: Any) -> dict[str, float]:
    loss = {"log_loss": metrics.log_loss(y, probability, labels=classes)}
    if y.nunique() < len(classes):
        return loss
    if task == "multiclass":
        auc = metrics.roc_auc_score(y, probability, labels=classes, multi_class="ovr", average="macro")
        return loss | {"macro_roc_auc": auc}
    positive = (y == classes[1]).astype(int)
    return loss | {
        "roc_auc": metrics.roc_auc_score(positive, probability[:, 1]),
        "average_precision": metrics.average_precision_score(positive, probability[:, 1]),
        "brier_score": metrics.brier_score_loss(positive, probability[:, 1]),
        "positive_share": positive.mean(),
    }
