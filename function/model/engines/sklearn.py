"""The engine for models that are not compiled: scikit-learn itself."""

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline

from function.errors import TooLarge, UnsupportedValues
from function.model.engines.inputs import Form, form_of
from function.model.outputs import Outputs, joined
from function.model.schema import TWO_STAGES, Codes, Columns, Vectors, array_of_any

# These warnings, of feature names and unknown categories, are meant for training.
warnings.filterwarnings("ignore", category=UserWarning, module="sklearn")


MIN_BATCH_ROWS, MAX_BATCH_ROWS = 16, 2000
MAX_BATCH_SECONDS = 0.5

UNSUPPORTED_ERRORS = (ValueError, TypeError, AttributeError, OverflowError)
"""The exceptions that scikit-learn raises for values that a model does not support, such as text for a number."""
MAX_CELLS = 2**24
"""The maximum numbers of an encoded matrix; a larger one would not fit the function's memory beside its copies."""
MAX_ENCODED = 100_000
"""The maximum columns of an encoded vector that callers may send."""


class SklearnEngine:
    """Runs a pipeline in two stages, or any estimator in one; threads may share it.

    With one stage there is no encoding: `encode` and `vectors` return the model's whole input.
    """

    name = "sklearn"
    blocking = True
    tolerance = 1e-5
    codes: Mapping[int, Codes] = {}

    def __init__(
        self,
        model: Any,
        names: Sequence[str],
        *,
        stages: int,
        probabilities: bool,
        scores: bool = False,
        several: bool | None = False,
    ) -> None:
        """Keep the model.

        Args:
            model: the fitted model; with two stages, a pipeline.
            names: the names of the features; if empty, the model gets an array.
            stages: 2 if callers may send the encoded vector of the last step.
            probabilities: whether to call `predict_proba`.
            scores: whether to call `decision_function`.
            several: whether the model predicts several values for each row; None if that is unknown.
        """
        self._model, self._names, self._encodes = model, list(names), stages == TWO_STAGES
        self._estimator = model[-1] if self._encodes else model
        self.probabilities, self._scores, self._several = probabilities, scores, several
        self.batch_rows = MAX_BATCH_ROWS
        self._form: Form | None = None

    def encode(self, columns: Columns) -> Any:
        """Turn an array of shape [n] for each feature into the estimator's input, [n, width].

        Raises:
            UnsupportedValues: the encoder does not support a value.
            TooLarge: the matrix would have more than `MAX_CELLS` numbers.
        """
        with _unsupported_values():
            encoded = self._transformed(columns)
            return encoded if not self._encodes else dense(_bounded(encoded))

    def _transformed(self, columns: Columns) -> Any:
        """Turn columns into what the estimator was fitted on: a table, an array, or a sparse matrix."""
        table = pd.DataFrame(dict(enumerate(columns)), copy=False)
        table.columns = pd.Index(self._names or range(len(columns)), dtype=object if self._names else None)
        if self._form is None:  # Finding it may take a prediction.
            self._form = form_of(self._model, table)
        rows = table if self._form is None else self._form(table)
        return transform(self._model, rows) if self._encodes else rows

    def vectors(self, vectors: Vectors) -> Any:
        """Turn n vectors into the estimator's input, [n, width]."""
        if not self._encodes and isinstance(vectors, np.ndarray):
            return self.encode([column.copy() for column in vectors.T])
        if not self._encodes:
            return self.encode([array_of_any(column) for column in zip(*vectors, strict=True)])
        return np.array(vectors, dtype=np.float64)

    def predict(self, encoded: Any) -> Outputs:
        """Predict from the estimator's input, [n, width].

        Raises:
            UnsupportedValues: the estimator does not support a value.
        """
        names = getattr(self._estimator, "feature_names_in_", None)
        if self._encodes and names is not None and type(encoded) is np.ndarray:
            encoded = pd.DataFrame(encoded, columns=names)  # A part of it may choose its columns by name.
        start = time.monotonic()
        with _unsupported_values():
            labels = dense(self._estimator.predict(encoded))
            probabilities = self._estimator.predict_proba(encoded) if self.probabilities else None
            scores = np.asarray(self._estimator.decision_function(encoded)) if self._scores else None
            if labels.size != len(labels) and self._several is False:
                raise ValueError("several values for each row")
        self._limit_batches(len(labels), time.monotonic() - start)
        return Outputs(labels.reshape(-1) if self._several is False else labels, probabilities, scores=scores)

    def predict_columns(self, columns: Columns) -> Outputs:
        """Predict n rows, given as an array of shape [n] for each feature.

        A sparse matrix stays one. Rows that become a wide one are encoded in parts.
        """
        rows, width = len(columns[0]), getattr(self._estimator, "n_features_in_", 1)
        size = max(1, MAX_CELLS // width) if self._encodes else rows
        parts = [[column[start : start + size] for column in columns] for start in range(0, rows, size)]
        return joined([self._predict(part) for part in parts]) if len(parts) > 1 else self._predict(columns)

    def _predict(self, columns: Columns) -> Outputs:
        with _unsupported_values():
            encoded = self._transformed(columns)
        return self.predict(encoded)

    def _limit_batches(self, rows: int, seconds: float) -> None:
        """Limit the rows of a batch by the time of the last one: a request can be stopped between two batches only."""
        if seconds > MAX_BATCH_SECONDS:
            self.batch_rows = min(self.batch_rows, max(MIN_BATCH_ROWS, int(rows * MAX_BATCH_SECONDS / seconds)))


@contextmanager
def _unsupported_values() -> Iterator[None]:
    """Turn scikit-learn's exceptions into UnsupportedValues, but for those that are the model's own fault."""
    try:
        yield
    except UNSUPPORTED_ERRORS as error:
        if is_fault_of_model(error):
            raise
        raise UnsupportedValues from error


def is_fault_of_model(error: BaseException | None) -> bool:
    """Return whether an exception means that a model can predict nothing: an estimator lacks an attribute."""
    while error is not None:
        lacking = isinstance(error, AttributeError) and isinstance(error.obj, BaseEstimator)
        if lacking or isinstance(error, NotFittedError):
            return True
        error = error.__cause__
    return False


def transform(model: Pipeline, rows: Any) -> Any:
    """Encode rows with all steps but the last, as its estimator was fitted on them.

    Each step is called directly, because a slice of the pipeline would check whether its own last step is fitted.
    """
    for _, step in model.steps[:-1]:
        if step is not None and step != "passthrough":
            rows = step.transform(rows)
    return rows


def encode(model: Pipeline, rows: Any) -> npt.NDArray[Any]:
    """Encode rows with all steps but the last, as one array."""
    return dense(transform(model, rows))


def _bounded(encoded: Any) -> Any:
    if (cells := encoded.shape[0] * encoded.shape[1]) > MAX_CELLS:
        raise TooLarge(f"The encoded rows would have {cells:,} numbers. The limit is {MAX_CELLS:,}: send fewer rows.")
    return encoded


def dense(values: Any) -> npt.NDArray[Any]:
    """Turn an array or a sparse matrix into an array."""
    return np.asarray(values.toarray() if hasattr(values, "toarray") else values)


def has_two_stages(model: Any) -> bool:
    """Return whether a model is a pipeline of transformers and an estimator, whose input callers may send too."""
    if not isinstance(model, Pipeline) or len(model) < TWO_STAGES:
        return False
    return bool(getattr(model[-1], "n_features_in_", 1) <= MAX_ENCODED)
