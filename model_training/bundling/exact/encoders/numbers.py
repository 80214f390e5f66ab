"""The steps of any transformers of numbers, one after the other and side by side."""

from collections.abc import Callable, Sequence
from typing import Any

from sklearn import preprocessing
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline

from function.model.plan.steps import structs
from model_training.bundling.exact.encoders import expansions, imputers, scalers
from model_training.bundling.exact.encoders.functions import function_of
from model_training.bundling.exact.encoders.parameters import Steps
from model_training.bundling.exact.refused import Refused

WRITERS: dict[type, Callable[[Any, Any], Steps]] = {
    preprocessing.StandardScaler: scalers.standard,
    preprocessing.RobustScaler: scalers.robust,
    preprocessing.MinMaxScaler: scalers.min_max,
    preprocessing.MaxAbsScaler: scalers.max_abs,
    preprocessing.PowerTransformer: scalers.power,
    preprocessing.Binarizer: scalers.threshold,
    preprocessing.Normalizer: scalers.normalize,
    preprocessing.PolynomialFeatures: expansions.polynomial,
    preprocessing.KBinsDiscretizer: expansions.bins,
    preprocessing.SplineTransformer: expansions.spline,
    preprocessing.FunctionTransformer: function_of,
    SimpleImputer: imputers.imputer,
    MissingIndicator: imputers.indicator,
}


def is_skipped(transformer: Any) -> bool:
    """Tell whether a step of a pipeline leaves everything as it is."""
    return transformer is None or (isinstance(transformer, str) and transformer == "passthrough")


def is_dropped(transformer: Any) -> bool:
    """Tell whether a part of a ColumnTransformer or a FeatureUnion is left out."""
    return isinstance(transformer, str) and transformer == "drop"


def number_steps(transformers: Sequence[Any], x: Any) -> tuple[Steps, Any]:
    """Return the steps of transformers one after the other, and what they make of a matrix.

    Args:
        transformers: the fitted transformers.
        x: a matrix that they support, sparse where the first one is given sparse matrices.

    Raises:
        Refused: there is no exact translation of one of them.
    """
    steps: Steps = []
    for transformer in transformers:
        if not is_skipped(transformer):
            steps += _steps(transformer, x)
            x = transformer.transform(x)
    return steps, x


def weight_step(weights: Any, name: str, width: int) -> Steps:
    """Return the step for the weight that a part has among others, if it has one."""
    weight = (weights or {}).get(name)
    return [] if weight is None else [structs.Arithmetic("multiply", (float(weight),) * width)]


def _steps(transformer: Any, x: Any) -> Steps:
    if isinstance(transformer, Pipeline):
        return number_steps([step for _, step in transformer.steps], x)[0]
    if isinstance(transformer, ColumnTransformer | FeatureUnion):
        return [structs.Union(tuple(_branches(transformer, x)))]
    if isinstance(transformer, SelectorMixin):
        return [structs.Select(tuple(transformer.get_support(indices=True).tolist()))]
    if type(transformer) not in WRITERS:
        raise Refused(f"{type(transformer).__name__} has no exact translation")
    return WRITERS[type(transformer)](transformer, x)


def _branches(transformer: Any, x: Any) -> list[structs.Branch]:
    """Return the parts of a ColumnTransformer or a FeatureUnion over a matrix."""
    branches = []
    for name, part, columns in parts_of(transformer, x.shape[1]):
        steps, after = number_steps([part], x[:, columns])
        weight = weight_step(transformer.transformer_weights, name, after.shape[1])
        branches.append(structs.Branch(tuple(columns), (*steps, *weight)))
    return branches


def parts_of(transformer: Any, width: int) -> list[tuple[str, Any, list[int]]]:
    """Return the name, the transformer and the columns of each part that makes columns."""
    if isinstance(transformer, FeatureUnion):
        parts = [(name, part, list(range(width))) for name, part in transformer.transformer_list]
    else:
        places = transformer._transformer_to_input_indices  # noqa: SLF001
        parts = [(name, part, list(map(int, places[name]))) for name, part, _ in transformer.transformers_]
    return [(name, part, columns) for name, part, columns in parts if columns and not is_dropped(part)]
