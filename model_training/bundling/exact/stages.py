"""The two stages of a model: the steps that encode, and the estimator."""

from copy import copy
from typing import Any

from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import Pipeline


def stages(model: Any) -> tuple[list[Any], Any]:
    """Split a fitted model into its transformers and its last step; a search is its best estimator.

    The regression of a transformed target may be a pipeline itself: its transformers are the model's.
    """
    if isinstance(model, TransformedTargetRegressor):
        before, inner = stages(model.regressor_)
        alone = copy(model)
        alone.regressor_ = inner
        return before, alone
    if isinstance(model, BaseSearchCV):
        return stages(model.best_estimator_)
    if not isinstance(model, Pipeline):
        return [], model
    before = [step for _, step in model.steps[:-1]]
    inner, estimator = stages(model.steps[-1][1])
    return [*before, *inner], estimator
