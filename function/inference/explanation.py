"""Explanations: what each named feature of a row contributed to the prediction.

The prediction of a linear model is a sum, and the contribution of a feature is its exact part of the sum. For other
models, the features are replaced by their typical values one at a time, and the contribution of a feature is the
prediction difference of M. Robnik-Sikonja and I. Kononenko, "Explaining Classifications for Individual Instances",
IEEE Transactions on Knowledge and Data Engineering 20(5), 2008. They average over all values of the feature; here it
has its typical value, which is the most frequent one or the median of the training data.

For two classes, the prediction of the second is explained; for more, and for clusters, that of the predicted one; for
an outlier detector, its score.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from function.inference.stop import NEVER, Stop
from function.model.loaded import LoadedModel
from function.model.manifest import Linear, Manifest
from function.model.outputs import Explanation, Outputs, Unit
from function.model.schema import Columns, Schema, Vectors

CELLS_PER_BATCH = 2**20
"""The maximum number of values in a batch, unless a single row has more."""

Predict = Callable[[Columns], Outputs]


def explain_rows(
    model: LoadedModel, columns: Columns | None, vectors: Vectors, outputs: Outputs, stop: Stop = NEVER
) -> Explanation:
    """Explain the predictions for one or more rows, or for encoded vectors if the model is linear.

    Raises:
        ValueError: the model can't explain these rows.
        Stopped: `stop` was set.
    """
    manifest, engine = model.manifest, model.engine
    if model.explained_by == "replacement" and columns is not None:

        def predict(columns: Columns) -> Outputs:
            stop.check()
            return model.predict_columns(columns)

        return by_replacement(manifest, model.schema, columns, outputs, predict)
    if model.explained_by != "linear" or manifest.linear is None:
        raise ValueError("the model can't explain these rows")
    encoded = engine.vectors(vectors) if columns is None else engine.encode(columns)
    return by_weights(manifest, manifest.linear, encoded, outputs)


def by_weights(manifest: Manifest, linear: Linear, encoded: Any, outputs: Outputs) -> Explanation:
    """Explain by the weights of a linear model: sum weight times encoded value over each feature's columns.

    `encoded` is the matrix [n, width] of `outputs`. The baseline is the intercept; the baseline and the contributions
    add up to the prediction.
    """
    values = np.asarray(encoded, dtype=np.float64)
    explained = _explained(manifest, outputs)
    row = np.zeros(len(values), dtype=int) if len(linear.intercept) == 1 or explained is None else explained
    parts = values * np.array(linear.coefficients)[row]
    contributions = {feature.name: parts[:, list(feature.encoded)].sum(axis=1) for feature in manifest.features}
    return Explanation("linear", linear.unit, explained, np.array(linear.intercept)[row], contributions)


def by_replacement(
    manifest: Manifest, schema: Schema, columns: Columns, outputs: Outputs, predict: Predict
) -> Explanation:
    """Explain by replacement: replace one feature at a time by its typical value, and measure the difference.

    The baseline is the prediction for the row of typical values. The contributions need not add up to the difference
    from the baseline, because features interact.
    """
    explained, n = _explained(manifest, outputs), len(columns[0])
    typical = [np.repeat(schema.typical[i], n) if i in schema.typical else column for i, column in enumerate(columns)]
    actual, baseline = (_scores(manifest, each, explained) for each in (outputs, predict(typical)))
    contributions = {}
    for features in _groups(schema, n * len(columns)):
        replaced = predict(_replaced(schema, columns, features))
        without = _scores(manifest, replaced, None if explained is None else np.tile(explained, len(features)))
        for feature, values in zip(features, without.reshape(-1, n), strict=True):
            contributions[schema.features[feature].name] = actual - values
    return Explanation("replacement", _unit(manifest, outputs), explained, baseline, contributions)


def _groups(schema: Schema, cells: int) -> Iterator[list[int]]:
    """Yield the features that have a typical value, in groups that fit a batch."""
    features, size = list(schema.typical), max(1, CELLS_PER_BATCH // cells)
    for start in range(0, len(features), size):
        yield features[start : start + size]


def _replaced(schema: Schema, columns: Columns, features: Sequence[int]) -> Columns:
    """Stack one copy of the n rows per feature, in which the feature has its typical value."""
    n = len(columns[0])
    stacked = [np.tile(column, len(features)) for column in columns]
    for copy, feature in enumerate(features):
        stacked[feature][copy * n : (copy + 1) * n] = schema.typical[feature]
    return stacked


def _explained(manifest: Manifest, outputs: Outputs) -> npt.NDArray[np.integer[Any]] | None:
    if manifest.classes is None or manifest.task == "outlier":
        return None
    if manifest.task == "binary":
        return np.ones(len(outputs.labels), dtype=int)
    return np.array([manifest.classes.index(label) for label in outputs.labels.tolist()], dtype=int)


def _scores(manifest: Manifest, outputs: Outputs, explained: npt.NDArray[Any] | None) -> npt.NDArray[np.float64]:
    """Return the number to explain in each row.

    That is the score or value, the probability of the class, or whether it is the label.
    """
    if explained is None:
        return np.asarray(outputs.labels if outputs.scores is None else outputs.scores, dtype=np.float64)
    if outputs.probabilities is not None:
        return np.asarray(outputs.probabilities[np.arange(len(explained)), explained], dtype=np.float64)
    classes: Sequence[Any] = manifest.classes or ()
    same = [label == classes[i] for label, i in zip(outputs.labels.tolist(), explained, strict=True)]
    return np.array(same, dtype=np.float64)


def _unit(manifest: Manifest, outputs: Outputs) -> Unit:
    if manifest.classes is None:
        return "value"
    if outputs.scores is not None:
        return "score"
    return "label" if outputs.probabilities is None else "probability"
