"""Features that give the answer away: one of them alone predicts nearly every row that was held out.

Such a column mostly came about with the target or after it, and is not there when the model is asked.
"""

from dataclasses import replace

from sklearn.base import BaseEstimator
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from model_training.data.dataset import Dataset
from model_training.evaluation.metrics import PRINCIPAL, metrics_of
from model_training.evaluation.predictions import predict_rows
from model_training.fitting.pipeline import pipeline_of

TOO_GOOD = 0.99
"""Of the task's principal metric: AUC, macro AUC or R2."""
ROWS = 10_000
MOST_LEAVES = 256
LEAST_OF_A_LEAF = 3


def leaking(fitting: Dataset, held_out: Dataset, seed: int) -> dict[str, float]:
    """Return the features of which a tree of each alone is too good, with how good it is."""
    if len(fitting.X.columns) == 1:
        return {}
    fitting, held_out = fitting.sample(ROWS, seed), held_out.sample(ROWS, seed)
    found = {name: _quality(fitting, held_out, name, seed) for name in fitting.X.columns}
    return {name: quality for name, quality in found.items() if quality > TOO_GOOD}


def _quality(fitting: Dataset, held_out: Dataset, name: str, seed: int) -> float:
    alone = replace(
        fitting,
        X=fitting.X[[name]],
        categories={name: fitting.categories[name]} if name in fitting.categories else {},
    )
    model = pipeline_of(alone, _tree(fitting, seed)).fit(alone.X, alone.target)
    return metrics_of(predict_rows(model, held_out.X[[name]], held_out.target)).get(PRINCIPAL[fitting.task], 0.0)


def _tree(data: Dataset, seed: int) -> BaseEstimator:
    kind = DecisionTreeRegressor if data.task == "regression" else DecisionTreeClassifier
    return kind(max_leaf_nodes=MOST_LEAVES, min_samples_leaf=LEAST_OF_A_LEAF, random_state=seed)
