"""The evaluation report: one HTML file without script, which needs nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from function.model.manifest import Manifest
from model_training.evaluation.evaluation import Evaluation
from model_training.evaluation.metrics import PRINCIPAL
from model_training.reporting.charts import HEIGHT, WIDTH, Chart, Kind, make_chart

TEMPLATES = Path(__file__).with_name("templates")
SHOWN_SLICES = 10
NAMES = {
    "roc_auc": "ROC AUC",
    "macro_roc_auc": "ROC AUC, mean of classes",
    "average_precision": "Average precision",
    "brier_score": "Brier score",
    "log_loss": "Log loss",
    "accuracy": "Accuracy",
    "macro_f1": "F1, mean of classes",
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
"""Numbers between these are written with four decimals."""
LESS_IS_BETTER = {"brier_score", "log_loss", "mean_absolute_error", "root_mean_squared_error"}
CLASS_CHARTS = {
    "roc": Kind(
        "ROC curve",
        "How many of those that are found at the price of how many false alarms. The diagonal is a coin.",
        "False positive rate",
        "True positive rate",
    ),
    "precision_recall": Kind(
        "Precision and recall",
        "How many alarms are right, for how many found. The dashed line is an alarm for every row.",
        "Recall",
        "Precision",
    ),
    "calibration": Kind(
        "Calibration",
        "Whether what it calls 30 % happens 30 % of the time, for ten equal parts of the rows.",
        "Mean predicted probability",
        "Share in fact",
        dots=True,
    ),
}
OF_MANY_CLASSES = (
    "How many alarms for a class are right, for how many found. An alarm for every row is right as often as the "
    "class is frequent."
)
VALUE_CHARTS = {
    "predicted": Kind(
        "Predicted and actual",
        "Some of the rows. On the diagonal the prediction is right.",
        "Predicted",
        "Actual",
        lines=False,
        dots=True,
    ),
    "calibration": Kind(
        "Calibration",
        "The means of ten equal parts of the rows, in the order of the prediction.",
        "Mean prediction",
        "Mean in fact",
        dots=True,
    ),
}


def render(manifest: Manifest, evaluation: Evaluation, engine: str) -> bytes:
    """Render a report; it holds no time, so that the same training gives the same bytes.

    Args:
        manifest: of the model, with its version.
        evaluation: what to report.
        engine: what will serve the model, in words.
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
    slices = evaluation.slices.slices
    return (
        environment.get_template("report.html")
        .render(
            manifest=manifest,
            evaluation=evaluation,
            engine=engine,
            names=NAMES,
            tiles=TILES[evaluation.task],
            less_is_better=LESS_IS_BETTER,
            principal=evaluation.metrics.get(PRINCIPAL[evaluation.task]),
            principal_name=NAMES[PRINCIPAL[evaluation.task]],
            at_threshold=_quality(evaluation.confusion) if evaluation.task == "binary" else None,
            thresholds=[(row.threshold, _quality(row.confusion)) for row in evaluation.thresholds],
            charts=_charts(evaluation),
            size=(WIDTH, HEIGHT),
            slices=(slices[:SHOWN_SLICES], slices[SHOWN_SLICES:]),
            largest=max((part.quality for part in slices), default=1.0) or 1.0,
        )
        .encode()
    )


def _charts(evaluation: Evaluation) -> list[Chart]:
    values = evaluation.task == "regression"
    kinds = VALUE_CHARTS if values else CLASS_CHARTS
    return [
        make_chart(_leveled(name, kind, evaluation), evaluation.curves[name], shares=not values)
        for name, kind in kinds.items()
        if evaluation.curves.get(name)
    ]


def _leveled(name: str, kind: Kind, evaluation: Evaluation) -> Kind:
    """Give the precision-recall chart the level of a model that knows nothing; of many classes each has its own."""
    if name != "precision_recall":
        return kind
    if share := evaluation.metrics.get("positive_share"):
        return replace(kind, level=share.value)
    return replace(kind, about=OF_MANY_CLASSES, compared=False)


def _quality(confusion: Sequence[Sequence[int]]) -> dict[str, float]:
    """Return counts and shares of a confusion of two classes."""
    (true_negative, false_positive), (false_negative, true_positive) = confusion
    answered, positive = true_positive + false_positive, true_positive + false_negative
    return {
        "answered": answered,
        "answered_share": answered / max(1, answered + true_negative + false_negative),
        "precision": true_positive / max(1, answered),
        "recall": true_positive / max(1, positive),
        "false_alarms": false_positive,
        "missed": false_negative,
    }


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _share(value: float) -> str:
    return f"{value:.1%}".replace("%", "\N{NO-BREAK SPACE}%")


def _number(value: Any) -> str:
    """Write a metric: four decimals, or as many digits of what is far from 1."""
    if value is None:
        return "-"
    low, high = FIXED
    return f"{value:.4f}" if low <= abs(value) < high or value == 0 else f"{value:,.4g}"
