"""Render the evaluation report: a single HTML file without scripts or external files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from function.model.manifest import Manifest
from model_training.evaluation.evaluation import Evaluation
from model_training.evaluation.importance import FeatureImportance, Importance
from model_training.evaluation.metrics import PRINCIPAL
from model_training.reporting.charts import HEIGHT, WIDTH, Axis, Chart, Kind, make_chart

TEMPLATES = Path(__file__).with_name("templates")
SHOWN_SLICES = 10
SHOWN_IMPORTANCE = 20
SMALLEST = 1e-9
NAMES = {
    "roc_auc": "ROC AUC",
    "macro_roc_auc": "ROC AUC, macro average",
    "average_precision": "Average precision",
    "brier_score": "Brier score",
    "log_loss": "Log loss",
    "accuracy": "Accuracy",
    "macro_f1": "F1, macro average",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "r2": "R²",
    "mean_absolute_error": "Mean absolute error",
    "root_mean_squared_error": "Root mean squared error",
}
TILES = {
    "binary": ("roc_auc", "average_precision", "brier_score", "accuracy"),
    "multiclass": ("macro_roc_auc", "accuracy", "macro_f1", "log_loss"),
    "regression": ("r2", "mean_absolute_error", "root_mean_squared_error"),
}
FIXED = (0.001, 100)
"""The range of numbers that are shown with four decimals."""
LOWER_IS_BETTER = {"brier_score", "log_loss", "mean_absolute_error", "root_mean_squared_error"}
CLASS_CHARTS = {
    "roc": Kind(
        "ROC curve",
        "The share of actual positives that are found against the share of negatives that are false alarms, for every "
        "threshold. The diagonal is a random model.",
        "False positive rate",
        "True positive rate",
    ),
    "precision_recall": Kind(
        "Precision-recall curve",
        "The share of positive predictions that are correct against the share of actual positives that are found, for "
        "every threshold. The dashed line is a model that predicts every row as positive.",
        "Recall",
        "Precision",
    ),
    "calibration": Kind(
        "Calibration curve",
        "Mean predicted probability and actual share of positives in ten groups of equal size. On the diagonal the "
        "probabilities are correct: of the rows with 30 %, 30 % are positive.",
        "Mean predicted probability",
        "Actual share",
        dots=True,
    ),
}
MULTICLASS_PRECISION_RECALL = (
    "For each class, the share of predictions that are correct against the share of its rows that are found. "
    "Predicting the class for every row has a precision equal to the share of the class."
)
REGRESSION_CHARTS = {
    "predicted": Kind(
        "Predicted and actual values",
        "A random sample of the rows. On the diagonal the prediction is exact.",
        "Predicted",
        "Actual",
        lines=False,
        dots=True,
    ),
    "calibration": Kind(
        "Calibration curve",
        "Mean prediction and mean actual value in ten groups of equal size, ordered by prediction.",
        "Mean prediction",
        "Mean actual value",
        dots=True,
    ),
}


def render(manifest: Manifest, evaluation: Evaluation, engine: str) -> bytes:
    """Render a report; it contains no time, so that the same training gives the same bytes.

    Args:
        manifest: manifest of the model, with its version.
        evaluation: evaluation of the model.
        engine: description of the engine that will serve the model.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"count": _count, "share": _share, "number": _number}
    slices, bars = evaluation.slices.slices, _bars(evaluation.importance)
    return (
        environment.get_template("report.html")
        .render(
            manifest=manifest,
            evaluation=evaluation,
            engine=engine,
            names=NAMES,
            tiles=TILES[evaluation.task],
            lower_is_better=LOWER_IS_BETTER,
            principal=evaluation.metrics.get(PRINCIPAL[evaluation.task]),
            principal_name=NAMES[PRINCIPAL[evaluation.task]],
            at_threshold=_summary(evaluation.confusion) if evaluation.task == "binary" else None,
            thresholds=[(row.threshold, _summary(row.confusion)) for row in evaluation.thresholds],
            charts=_charts(evaluation),
            size=(WIDTH, HEIGHT),
            importance=(bars[:SHOWN_IMPORTANCE], bars[SHOWN_IMPORTANCE:]),
            slices=(slices[:SHOWN_SLICES], slices[SHOWN_SLICES:]),
            largest=max((part.quality for part in slices), default=1.0) or 1.0,
        )
        .encode()
    )


def _bars(importance: Importance) -> list[tuple[FeatureImportance, float, float, float, float]]:
    """Lay out the importance of each feature on a track from 0 to 100: the place of zero, mean, least and most."""
    every = [0.0, *(value for each in importance.features for value in (each.low, each.high))]
    axis = Axis(min(every), max(*every, min(every) + SMALLEST), 0, 100)
    return [
        (each, axis.place(0), axis.place(each.mean), axis.place(each.low), axis.place(each.high))
        for each in importance.features
    ]


def _charts(evaluation: Evaluation) -> list[Chart]:
    regression = evaluation.task == "regression"
    kinds = REGRESSION_CHARTS if regression else CLASS_CHARTS
    return [
        make_chart(_with_baseline(name, kind, evaluation), evaluation.curves[name], shares=not regression)
        for name, kind in kinds.items()
        if evaluation.curves.get(name)
    ]


def _with_baseline(name: str, kind: Kind, evaluation: Evaluation) -> Kind:
    """Add the baseline to a precision-recall chart; with many classes there is none, because each has its own."""
    if name != "precision_recall":
        return kind
    if share := evaluation.metrics.get("positive_share"):
        return replace(kind, level=share.value)
    return replace(kind, description=MULTICLASS_PRECISION_RECALL, compared=False)


def _summary(confusion: Sequence[Sequence[int]]) -> dict[str, float]:
    """Return counts and shares from the confusion matrix of a binary task."""
    (true_negative, false_positive), (false_negative, true_positive) = confusion
    predicted, actual = true_positive + false_positive, true_positive + false_negative
    return {
        "predicted": predicted,
        "predicted_share": predicted / max(1, predicted + true_negative + false_negative),
        "precision": true_positive / max(1, predicted),
        "recall": true_positive / max(1, actual),
        "false_positives": false_positive,
        "false_negatives": false_negative,
    }


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _share(value: float) -> str:
    return f"{value:.1%}".replace("%", "\N{NO-BREAK SPACE}%")


def _number(value: Any) -> str:
    """Format a metric with four decimals, or four significant digits if it is very small or large."""
    if value is None:
        return "-"
    low, high = FIXED
    return f"{value:.4f}" if low <= abs(value) < high or value == 0 else f"{value:,.4g}"
