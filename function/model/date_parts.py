"""The transformer of dates, which is part of fitted pipelines and so may be named by a model file."""

import re
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from function.model.dates import PATTERNS, parse_times
from function.model.plan.dates import CYCLES, DAY, PARTS, Part, as_seconds, date_parts


class DateParts(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn columns of dates into numbers: year, month, weekday (Monday is 1), hour, and days since the first date.

    Args:
        parts: the parts, in the order of their columns.
        one_hot: whether month, weekday and hour are a column for each value, as linear models need; otherwise each
            is one number.
    """

    def __init__(self, parts: tuple[Part, ...] = PARTS, *, one_hot: bool = False) -> None:
        """Keep the parameters."""
        self.parts = parts
        self.one_hot = one_hot

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the first date of each column, from which days are counted.

        Args:
            X: columns of datetime64, [n, columns]; NaT is missing.
            y: ignored.
        """
        times = _columns(X)
        self.n_features_in_ = len(times)
        if hasattr(X, "columns"):
            self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        first = [np.nanmin(seconds) if not np.isnan(seconds).all() else 0 for seconds in times]
        self.references_ = [int(seconds // DAY) for seconds in first]
        """For each column, the first day, counted from 1970-01-01."""
        return self

    def transform(self, X: Any) -> npt.NDArray[np.float64]:
        """Compute the parts of each column side by side, [n, width]; NaN if the date is missing."""
        check_is_fitted(self)
        times = _columns(X)
        if len(times) != self.n_features_in_:
            raise ValueError(f"X has {len(times)} columns; {self.n_features_in_} were fitted")
        found = zip(times, self.references_, strict=True)
        return np.hstack([date_parts(seconds, self.parts, day, one_hot=self.one_hot) for seconds, day in found])

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Return the names of the columns, such as `ordered_year` and `ordered_month_12`."""
        given = getattr(self, "feature_names_in_", None) if input_features is None else input_features
        names = [f"x{i}" for i in range(self.n_features_in_)] if given is None else given
        return np.array([f"{name}_{part}" for name in names for part in self._parts()], dtype=object)

    def _parts(self) -> list[str]:
        return [
            name
            for part in self.parts
            for name in ([f"{part}_{i}" for i in CYCLES[part]] if self.one_hot and part in CYCLES else [part])
        ]

    def __sklearn_tags__(self) -> Any:
        """Declare that missing dates are supported."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _columns(X: Any) -> list[npt.NDArray[np.float64]]:
    """Return the seconds since 1970 of each column."""
    frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(np.asarray(X))
    columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
    return [as_seconds(_times(column)) for column in columns]


def _times(column: pd.Series) -> npt.NDArray[np.datetime64]:
    """Convert a column of datetime64, or of ISO 8601 text, to UTC.

    Raises:
        ValueError: a text is no date.
    """
    if column.dtype.kind == "M":
        return column.to_numpy(dtype="datetime64[s]")
    texts = [None if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)]
    if any(text is not None and not re.search(PATTERNS["date-time"], text) for text in texts):
        raise ValueError("a value is no date in ISO 8601")
    return parse_times(texts)
