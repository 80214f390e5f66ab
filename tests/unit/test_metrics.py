"""The metrics are those of scikit-learn, and their intervals hold what they say."""

from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from function.model.manifest import Task
from model_training.evaluation.intervals import intervals
from model_training.evaluation.metrics import metrics_of, weighted_metrics
from model_training.evaluation.predictions import Predictions
from model_training.fitting.thresholds import Threshold, best_threshold

ROWS = 600


def predicted(task: Task, rows: int = ROWS, seed: int = 0) -> Predictions:
    """Make answers that are right more often than not, with equal scores among them."""
    chance = np.random.default_rng(seed)
    if task == "regression":
        values = chance.normal(1e6, 3.0, rows)
        return Predictions(task, (), values, values + chance.normal(size=rows))
    classes = 2 if task == "binary" else 4
    truth = chance.integers(0, classes, rows)
    weights = chance.random((rows, classes)).round(1) + 0.05 + 0.5 * np.eye(classes)[truth]
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    return Predictions(task, list("abcd")[:classes], truth, probabilities.argmax(axis=1), probabilities)


def of_scikit_learn(predictions: Predictions, weights: Any) -> dict[str, float]:
    """Compute the same by the library."""
    truth, answers, p, by = (
        predictions.truth,
        predictions.predicted,
        predictions.probabilities,
        {"sample_weight": weights},
    )
    if p is None:
        return {
            "r2": metrics.r2_score(truth, answers, **by),
            "mean_absolute_error": metrics.mean_absolute_error(truth, answers, **by),
            "root_mean_squared_error": metrics.root_mean_squared_error(truth, answers, **by),
        }
    both = {
        "accuracy": metrics.accuracy_score(truth, answers, **by),
        "macro_f1": metrics.f1_score(truth, answers, average="macro", **by),
        "log_loss": metrics.log_loss(truth, p, **by),
    }
    if predictions.task == "multiclass":
        return both | {"macro_roc_auc": metrics.roc_auc_score(truth, p, multi_class="ovr", **by)}
    return both | {
        "precision": metrics.precision_score(truth, answers, **by),
        "recall": metrics.recall_score(truth, answers, **by),
        "f1": metrics.f1_score(truth, answers, **by),
        "roc_auc": metrics.roc_auc_score(truth, p[:, 1], **by),
        "average_precision": metrics.average_precision_score(truth, p[:, 1], **by),
        "brier_score": metrics.brier_score_loss(truth, p[:, 1], **by),
        "positive_share": np.average(truth, weights=weights),
    }


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_metrics_are_those_of_scikit_learn(task: Task) -> None:
    """For each of several weightings at once, equal scores included."""
    rows = predicted(task)
    weights = np.random.default_rng(1).integers(0, 4, (3, ROWS)).astype(float)
    found = weighted_metrics(rows, weights)
    for i, row in enumerate(weights):
        assert {name: values[i] for name, values in found.items()} == pytest.approx(of_scikit_learn(rows, row))


def test_what_rows_do_not_define_is_left_out() -> None:
    """Rows of one class alone have no ROC AUC; they have an accuracy."""
    rows = predicted("binary")
    found = metrics_of(rows.rows(rows.truth == 0))
    assert "roc_auc" not in found
    assert "accuracy" in found


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_an_interval_holds_what_another_sample_gives(task: Task) -> None:
    """Around its own value, and for 9 samples of 10 around that of a hundred times as many rows."""
    name = {"binary": "roc_auc", "multiclass": "macro_roc_auc", "regression": "r2"}[task]
    population = metrics_of(predicted(task, 100 * ROWS, seed=99))[name]
    bounds = [
        (intervals(predicted(task, seed=seed), 0)[name], metrics_of(predicted(task, seed=seed))) for seed in range(10)
    ]
    assert all(low <= found[name] <= high for (low, high), found in bounds)
    assert sum(low <= population <= high for (low, high), _ in bounds) >= 8


def test_a_threshold_is_the_best_of_all() -> None:
    """By F1 and by costs, against every threshold there is; and between two scores, never on one."""
    rows = predicted("binary")
    assert rows.scores is not None
    tried = np.linspace(0, 1, 2001)
    for rule in (Threshold("f1"), Threshold("cost", costs=(1, 5)), Threshold("cost", costs=(7, 1))):
        chosen = best_threshold(rule, rows.truth == 1, rows.scores)
        assert worth(rule, rows, chosen) >= max(worth(rule, rows, threshold) for threshold in tried)
        assert np.abs(rows.scores - chosen).min() > 1e-6


def worth(rule: Threshold, rows: Predictions, threshold: float) -> float:
    """Say how good a threshold is; more is better."""
    at = rows.at(threshold)
    if rule.costs is None:
        return metrics_of(at)["f1"]
    false_positive, false_negative = rule.costs
    wrong = ((at.predicted > at.truth) * false_positive + (at.predicted < at.truth) * false_negative).sum()
    return -float(wrong)
