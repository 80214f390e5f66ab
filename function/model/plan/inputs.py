"""Read rows for a plan: numbers for each feature, codes for each category."""

from collections.abc import Container, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from function.model.plan.dates import as_seconds
from function.model.plan.errors import UnsupportedRow
from function.model.plan.steps.prepared import Matrix
from function.model.plan.structs import Category, Plan

Codes = npt.NDArray[np.intp]
Columns = Sequence[npt.NDArray[Any]]


class Inputs(NamedTuple):
    """n rows: the numbers of each feature, [n], or None if only codes are read; the codes of each category, [n]."""

    rows: int
    numbers: Sequence[Matrix | None]
    codes: Sequence[Codes]


class Reader:
    """Turns columns into inputs, and checks inputs that were decoded elsewhere."""

    def __init__(self, plan: Plan, numeric: set[int]) -> None:
        """Build the look-up tables; `numeric` are the features that are read as numbers."""
        self._features = plan.features
        self._numeric = [feature in numeric for feature in range(len(plan.features))]
        self._categories = [_Coder(category) for category in plan.categories]
        looked_up = [category.feature for category in plan.categories]
        self.coded: Mapping[int, Mapping[Any, int]] = {
            coder.feature: coder
            for coder in self._categories
            if coder.feature not in numeric and looked_up.count(coder.feature) == 1
        }
        """For each feature that only one category reads, the code of each value; other values have the unknown code."""

    def read(self, columns: Columns) -> Inputs:
        """Turn an array of shape [n] for each feature into inputs: of text, numbers or both, None or NaN if missing.

        Raises:
            UnsupportedRow: a value is missing or unknown, and the fitted encoder does not support that.
        """
        return self._inputs(columns, coded=frozenset())

    def read_coded(self, columns: Columns) -> Inputs:
        """Turn columns into inputs, like `read`, but the columns of the features in `coded` hold codes."""
        return self._inputs(columns, self.coded)

    def _inputs(self, columns: Columns, coded: Container[int]) -> Inputs:
        numbers = [
            _numbers(column) if numeric else None for column, numeric in zip(columns, self._numeric, strict=True)
        ]
        codes = [
            columns[coder.feature] if coder.feature in coded else coder.codes(columns[coder.feature])
            for coder in self._categories
        ]
        return self.check(Inputs(len(columns[0]) if columns else 0, numbers, codes))

    def check(self, inputs: Inputs) -> Inputs:
        """Return inputs after checking that the encoder supports them.

        Raises:
            UnsupportedRow: the encoder does not support a value; names its row and feature.
        """
        for coder, codes in zip(self._categories, inputs.codes, strict=True):
            if coder.unsupported is not None:
                self._refuse(coder.unsupported[codes], coder.feature, "the value is not one that the model knows")
        for number, (feature, column) in enumerate(zip(self._features, inputs.numbers, strict=True)):
            if column is not None:
                wrong = np.isinf(column) if feature.missing else ~np.isfinite(column)
                self._refuse(wrong, number, "the value is missing or infinite")
        return inputs

    def _refuse(self, wrong: npt.NDArray[np.bool_], feature: int, reason: str) -> None:
        if wrong.any():
            raise UnsupportedRow(int(wrong.argmax()), (self._features[feature].name,), reason)


def _numbers(column: npt.NDArray[Any]) -> Matrix:
    """Return a column as floats; dates as seconds since 1970."""
    return as_seconds(column) if column.dtype.kind == "M" else np.asarray(column, dtype=np.float64)


class _Coder(dict[Any, int]):
    """The code of each value of one category."""

    def __init__(self, category: Category) -> None:
        super().__init__({value: code for code, value in enumerate(category.values)})
        self.feature = category.feature
        self._absent = len(category.values)
        self.unsupported: npt.NDArray[np.bool_] | None = None
        if category.unsupported:
            self.unsupported = np.isin(np.arange(category.codes), category.unsupported)

    def __missing__(self, value: Any) -> int:
        # Only NaN differs from itself.
        return self._absent if value is None or value != value else self._absent + 1  # noqa: PLR0124

    def codes(self, column: npt.NDArray[Any]) -> Codes:
        """Return the codes of a column."""
        return np.fromiter(map(self.__getitem__, column.tolist()), dtype=np.intp, count=len(column))
