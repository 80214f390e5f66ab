"""Explanations: what each named feature of a row contributed to the model's answer.

A linear model's answer is a sum, and each feature's part of it is exact. Of any other model one feature
after the other is replaced by its usual value, and what that changes is its contribution: the prediction
difference of M. Robnik-Sikonja and I. Kononenko, "Explaining Classifications for Individual Instances",
IEEE Transactions on Knowledge and Data Engineering 20(5), 2008, with the training data's most frequent
value or median in the place of their average over all values.

Of two classes the second is explained, of more the one that is predicted.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from function.model.loaded import LoadedModel
from function.model.manifest import Linear, Manifest
from function.model.outputs import Explanation, Outputs, Unit
from function.model.schema import Columns, Schema, Vectors

CELLS_PER_RUN = 2**20
"""How many values one run of the model is given at most, where a row has no more by itself."""

Ask = Callable[[Columns], Outputs]


def explain_rows(model: LoadedModel, columns: Columns | None, vectors: Vectors, outputs: Outputs) -> Explanation:
    """Explain the predictions for n rows, at least one, or for encoded vectors, which only a linear model can.

    Raises:
        ValueError: the model has no explanation of these.
    """
    manifest, engine = model.manifest, model.engine
    if model.explained_by == "replacement" and columns is not None:
        return by_replacement(manifest, model.schema, columns, outputs, model.predict_columns)
    if model.explained_by != "linear" or manifest.linear is None:
        raise ValueError("this model has no explanation of these rows")
    encoded = engine.vectors(vectors) if columns is None else engine.encode(columns)
    return by_weights(manifest, manifest.linear, encoded, outputs)


def by_weights(manifest: Manifest, linear: Linear, encoded: Any, outputs: Outputs) -> Explanation:
    """Sum weight times encoded value over each feature's own columns.

    `encoded` is the matrix [n, width] that led to `outputs`. The baseline is the intercept: with the
    contributions it adds up to the answer.
    """
    values = np.asarray(encoded, dtype=np.float64)
    explained = _explained(manifest, outputs)
    row = np.zeros(len(values), dtype=int) if len(linear.intercept) == 1 or explained is None else explained
    parts = values * np.array(linear.coefficients)[row]
    contributions = {feature.name: parts[:, list(feature.encoded)].sum(axis=1) for feature in manifest.features}
    return Explanation("linear", linear.unit, explained, np.array(linear.intercept)[row], contributions)


def by_replacement(manifest: Manifest, schema: Schema, columns: Columns, outputs: Outputs, ask: Ask) -> Explanation:
    """Replace one feature after the other by its usual value, and take what that changes.

    The baseline is the answer to the row in which all are replaced. The contributions need not add up to
    the difference, for features act together.
    """
    explained, n = _explained(manifest, outputs), len(columns[0])
    usual = [np.repeat(schema.typical[i], n) if i in schema.typical else column for i, column in enumerate(columns)]
    answer, baseline = (_answers(manifest, said, explained) for said in (outputs, ask(usual)))
    contributions = {}
    for features in _groups(schema, n * len(columns)):
        said = ask(_without(schema, columns, features))
        without = _answers(manifest, said, None if explained is None else np.tile(explained, len(features)))
        for feature, values in zip(features, without.reshape(-1, n), strict=True):
            contributions[schema.features[feature].name] = answer - values
    return Explanation("replacement", _unit(manifest, outputs), explained, baseline, contributions)


def _groups(schema: Schema, cells: int) -> Iterator[list[int]]:
    """Yield the features that have a usual value, so many at a time as one run of the model may take."""
    features, size = list(schema.typical), max(1, CELLS_PER_RUN // cells)
    for start in range(0, len(features), size):
        yield features[start : start + size]


def _without(schema: Schema, columns: Columns, features: Sequence[int]) -> Columns:
    """Stack a copy of the n rows for each of some features, with the usual value in its place."""
    n = len(columns[0])
    stacked = [np.tile(column, len(features)) for column in columns]
    for copy, feature in enumerate(features):
        stacked[feature][copy * n : (copy + 1) * n] = schema.typical[feature]
    return stacked


def _explained(manifest: Manifest, outputs: Outputs) -> npt.NDArray[np.integer[Any]] | None:
    if manifest.classes is None:
        return None
    if manifest.task == "binary":
        return np.ones(len(outputs.labels), dtype=int)
    return np.array([manifest.classes.index(label) for label in outputs.labels.tolist()], dtype=int)


def _answers(manifest: Manifest, outputs: Outputs, explained: npt.NDArray[Any] | None) -> npt.NDArray[np.float64]:
    """Return a number each row: its value, or the probability of the class to explain, or whether that is its label."""
    if explained is None:
        return np.asarray(outputs.labels, dtype=np.float64)
    if outputs.probabilities is not None:
        return np.asarray(outputs.probabilities[np.arange(len(explained)), explained], dtype=np.float64)
    classes: Sequence[Any] = manifest.classes or ()
    same = [label == classes[i] for label, i in zip(outputs.labels.tolist(), explained, strict=True)]
    return np.array(same, dtype=np.float64)


def _unit(manifest: Manifest, outputs: Outputs) -> Unit:
    if manifest.classes is None:
        return "value"
    return "label" if outputs.probabilities is None else "probability"
