"""Detect target leakage: a single feature that predicts nearly every hold-out row by itself.

Such a column is usually recorded together with the target or after it, and is unknown at prediction time.
"""

from dataclasses import replace

from sklearn.base import BaseEstimator
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from model_training.data.dataset import Dataset
from model_training.evaluation.metrics import PRINCIPAL, metrics_of
from model_training.evaluation.predictions import predict_rows
from model_training.fitting.pipeline import pipeline_of

SUSPICIOUS_METRIC = 0.99
"""The principal metric (AUC, macro AUC or R2) above which a single feature is reported."""
MAX_ROWS = 10_000
MAX_LEAVES = 256
MIN_ROWS_PER_LEAF = 3


def find_leaks(fitting: Dataset, held_out: Dataset, seed: int) -> dict[str, float]:
    """Fit a tree on each feature alone; return the features that predict too well, with their metric."""
    if len(fitting.X.columns) == 1:
        return {}
    fitting, held_out = fitting.sample(MAX_ROWS, seed), held_out.sample(MAX_ROWS, seed)
    found = {name: _metric_alone(fitting, held_out, name, seed) for name in fitting.X.columns}
    return {name: metric for name, metric in found.items() if metric > SUSPICIOUS_METRIC}


def _metric_alone(fitting: Dataset, held_out: Dataset, name: str, seed: int) -> float:
    alone = replace(
        fitting,
        X=fitting.X[[name]],
        categories={name: fitting.categories[name]} if name in fitting.categories else {},
    )
    model = pipeline_of(alone, _tree(fitting, seed)).fit(alone.X, alone.target)
    return metrics_of(predict_rows(model, held_out.X[[name]], held_out.target)).get(PRINCIPAL[fitting.task], 0.0)


def _tree(data: Dataset, seed: int) -> BaseEstimator:
    kind = DecisionTreeRegressor if data.task == "regression" else DecisionTreeClassifier
    return kind(max_leaf_nodes=MAX_LEAVES, min_samples_leaf=MIN_ROWS_PER_LEAF, random_state=seed)
