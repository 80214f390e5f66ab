"""Write any estimator that is known, of whatever parts, into a graph."""

from collections.abc import Callable
from typing import Any

import onnx
from sklearn import ensemble
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline

try:
    from sklearn import frozen
except ImportError:  # scikit-learn has it since 1.6.
    frozen = None

from model_training.bundling.exact.estimators import (
    boosting,
    calibration,
    linear,
    one_vs_rest,
    stacking,
    steps,
    target,
    voting,
)
from model_training.bundling.exact.estimators.context import Context
from model_training.bundling.exact.graph.builder import Graph
from model_training.bundling.exact.graph.written import Written, close
from model_training.bundling.exact.linear.scikit_learn import is_linear
from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.emit import INPUT, write_ensemble
from model_training.bundling.exact.trees.read import is_ensemble, read_ensemble
from model_training.bundling.exact.trees.scikit_learn import classes_of


def compose(estimator: Any) -> tuple[onnx.ModelProto, list[tuple[Any, bool]]]:
    """Write an estimator as a graph; return it with its trees, and whether each sees the graph's own input.

    Raises:
        Refused: there is no exact translation of a part.
    """
    context = Context(Graph(), write)
    x = context.graph.input(INPUT, estimator.n_features_in_)
    written = write(context, estimator, x)
    return close(context.graph, written, classes_of(estimator)), context.ensembles


def write(context: Context, estimator: Any, x: str) -> Written:
    """Write an estimator over a matrix of double, [n, width].

    Raises:
        Refused: there is no exact translation of it.
    """
    if is_ensemble(estimator):
        context.ensembles.append((estimator, x == INPUT))
        written = write_ensemble(context.graph, read_ensemble(estimator), x)
        # Some libraries have sums and no function that returns them; LightGBM has one since 4.7.
        return written if hasattr(estimator, "decision_function") else written._replace(scores=None)
    if is_linear(estimator):
        return linear.write_linear(context, estimator, x)
    writer = WRITERS.get(type(estimator))
    if writer is None:
        raise Refused(f"{type(estimator).__name__} has no exact translation")
    return writer(context, estimator, x)


def _pipeline(context: Context, estimator: Any, x: str) -> Written:
    transformers = [step for _, step in estimator.steps[:-1]]
    prepared = steps.write_transformers(context.graph, transformers, estimator.n_features_in_, x)
    return context.part(estimator.steps[-1][1], prepared, single=True)


def _search(context: Context, estimator: Any, x: str) -> Written:
    return context.part(estimator.best_estimator_, x, single=True)


def _frozen(context: Context, estimator: Any, x: str) -> Written:
    return context.part(estimator.estimator, x, single=True)


WRITERS: dict[type, Callable[[Context, Any, str], Written]] = {
    Pipeline: _pipeline,
    GridSearchCV: _search,
    RandomizedSearchCV: _search,
    **({frozen.FrozenEstimator: _frozen} if frozen else {}),
    CalibratedClassifierCV: calibration.calibrated,
    OneVsRestClassifier: one_vs_rest.one_vs_rest,
    TransformedTargetRegressor: target.transformed_target,
    ensemble.VotingClassifier: voting.voting_classifier,
    ensemble.VotingRegressor: voting.voting_regressor,
    ensemble.BaggingClassifier: voting.bagging_classifier,
    ensemble.BaggingRegressor: voting.bagging_regressor,
    ensemble.StackingClassifier: stacking.stacking,
    ensemble.StackingRegressor: stacking.stacking,
    ensemble.AdaBoostClassifier: boosting.ada_boost,
}
