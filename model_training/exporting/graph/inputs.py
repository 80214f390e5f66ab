"""The inputs of the graph: one for each feature, a column of its type."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from msgspec import UNSET

from function.model.dates import parse_times
from function.model.manifest import Feature
from function.model.plan.dates import as_seconds
from model_training.bundling.exact.graph.builder import BOOL, DOUBLE, FLOAT, INT64, STRING
from model_training.exporting.refused import NotExported

KINDS = {"string": STRING, "integer": INT64, "number": DOUBLE, "boolean": BOOL}
DTYPES: dict[int, Any] = {
    STRING: object, INT64: np.int64, DOUBLE: np.float64, FLOAT: np.float32, BOOL: np.bool_,
}  # fmt: skip
NO_TEXT = ""
"""What stands for a missing text: ONNX knows no null."""


@dataclass(frozen=True)
class Input:
    """The input of a feature: a column, [n, 1]."""

    feature: Feature
    kind: int
    """The type of its elements in ONNX."""

    @property
    def is_date(self) -> bool:
        """Whether the numbers are seconds since 1970, UTC."""
        return self.feature.format is not UNSET

    @property
    def description(self) -> str:
        """Describe the values for people."""
        what = "seconds since 1970-01-01, UTC" if self.is_date else self.feature.type
        missing = 'an empty text ("")' if self.kind == STRING else "NaN"
        return f"{what}; {missing} if missing" if self.feature.nullable else what

    def array(self, values: Sequence[Any]) -> npt.NDArray[Any]:
        """Turn n values, as callers send them in JSON, into the column that the graph is fed."""
        if self.is_date:
            seconds = as_seconds(parse_times(values))
            return seconds.astype(DTYPES[self.kind]).reshape(-1, 1)
        absent = NO_TEXT if self.kind == STRING else np.nan
        return np.array([absent if value is None else value for value in values], DTYPES[self.kind]).reshape(-1, 1)


def inputs_of(features: Sequence[Feature]) -> list[Input]:
    """Return the input of each feature; what may be missing and is no text is a number of double, NaN if missing.

    Raises:
        NotExported: values of a feature have no one type in ONNX.
    """
    return [Input(feature, _kind(feature)) for feature in features]


def inputs_in(model: onnx.ModelProto, features: Sequence[Feature]) -> list[Input]:
    """Return the inputs of a graph that was written from a bundle with these features."""
    kinds = {each.name: each.type.tensor_type.elem_type for each in model.graph.input}
    return [Input(feature, kinds[feature.name]) for feature in features]


def _kind(feature: Feature) -> int:
    if feature.type not in KINDS:
        raise NotExported(f"{feature.name!r} accepts values of several types, and an input of ONNX has one type")
    if feature.nullable and NO_TEXT in (feature.categories or ()):
        raise NotExported(
            f"{feature.name!r} may be missing and has the empty text as a category; in ONNX, both are the empty text"
        )
    if feature.format is not UNSET:
        return DOUBLE if feature.nullable else INT64
    kind = KINDS[feature.type]
    return DOUBLE if feature.nullable and kind != STRING else kind
