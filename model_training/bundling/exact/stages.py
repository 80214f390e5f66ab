"""The two stages of a model: the steps that encode, and the estimator."""

from typing import Any

from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import Pipeline


def stages(model: Any) -> tuple[list[Any], Any]:
    """Split a fitted model into its transformers and its last step; a search is its best estimator."""
    if isinstance(model, BaseSearchCV):
        return stages(model.best_estimator_)
    if not isinstance(model, Pipeline):
        return [], model
    before = [step for _, step in model.steps[:-1]]
    inner, estimator = stages(model.steps[-1][1])
    return [*before, *inner], estimator
