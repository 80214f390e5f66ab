"""The types of a model's inputs, made from its manifest, and the arrays made of what they decode."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from function.model.manifest import Feature, Manifest

LARGEST_NUMBER = 1e30
"""Bounds every number, so that float32 arithmetic on it stays finite."""

Number = Annotated[float, Meta(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
Columns = list[npt.NDArray[Any]]
Matrix = npt.NDArray[np.float32]

TYPES: dict[str, Any] = {
    "string": str,
    "integer": Annotated[int, Meta(ge=-(2**53), le=2**53)],
    "number": Number,
    "boolean": bool,
}
DTYPES: dict[str, type] = {"string": object, "integer": np.int64, "number": np.float32, "boolean": np.bool_}


class Schema:
    """What a row of named features and an encoded vector are, for one model."""

    def __init__(self, manifest: Manifest) -> None:
        """Make the types; `Row` is a Struct with a field each feature, `Vector` a list of numbers."""
        self.features = manifest.features
        self.width = len(manifest.encoded)
        # A feature's name need not be an identifier: fields are called f0, f1 ... and renamed.
        fields = [(f"f{i}", value_type(feature)) for i, feature in enumerate(self.features)]
        names = {f"f{i}": feature.name for i, feature in enumerate(self.features)}
        self.Row: Any = msgspec.defstruct(
            "Row", fields, rename=names, frozen=True, gc=False, forbid_unknown_fields=True
        )
        self.Vector: Any = Annotated[list[Number], Meta(min_length=self.width, max_length=self.width)]
        self._getters = [attrgetter(name) for name, _ in fields]

    def columns(self, rows: Sequence[Any]) -> Columns:
        """Turn n instances of `Row` into an array of shape [n] for each feature."""
        return [
            _array(list(map(getter, rows)), feature)
            for getter, feature in zip(self._getters, self.features, strict=True)
        ]

    def matrix(self, vectors: Sequence[Sequence[float]]) -> Matrix:
        """Turn n instances of `Vector` into a matrix of shape [n, width]."""
        return np.array(vectors, dtype=np.float32).reshape(len(vectors), self.width)

    def golden_columns(self, rows: Sequence[Sequence[Any]]) -> Columns:
        """Turn n rows of values in the manifest's order into columns.

        Raises:
            msgspec.ValidationError: where a value is not one that a caller may send.
        """
        names = [feature.name for feature in self.features]
        named = [dict(zip(names, row, strict=True)) for row in rows]
        return self.columns(msgspec.convert(named, list[self.Row]))  # type: ignore[name-defined]


def value_type(feature: Feature) -> Any:
    """Return the type of a feature's values: a Literal of its categories, or any of its type."""
    if feature.categories:
        return Literal[feature.categories]
    return TYPES[feature.type]


def _array(values: list[Any], feature: Feature) -> npt.NDArray[Any]:
    return np.array(values, dtype=DTYPES[feature.type])
