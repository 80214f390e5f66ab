"""The engine for models that are not compiled: scikit-learn itself."""

import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.pipeline import Pipeline

from function.errors import Refused, UnsupportedValues
from function.model.outputs import Outputs
from function.model.schema import TWO_STAGES, Codes, Columns, Vectors, array_of_any

# These warnings, of feature names and unknown categories, are meant for training.
warnings.filterwarnings("ignore", category=UserWarning, module="sklearn")


MIN_BATCH_ROWS, MAX_BATCH_ROWS = 16, 2000
MAX_BATCH_SECONDS = 0.5

UNSUPPORTED_ERRORS = (ValueError, TypeError, AttributeError, OverflowError)
"""The exceptions that scikit-learn raises for values that a model does not support, such as text for a number."""


class SklearnEngine:
    """Runs a pipeline in two stages, or any estimator in one; threads may share it.

    With one stage there is no encoding: `encode` and `vectors` return the model's whole input.
    """

    name = "sklearn"
    blocking = True
    tolerance = 1e-5
    codes: Mapping[int, Codes] = {}

    def __init__(
        self, encoder: Callable[[Any], Any] | None, estimator: Any, names: Sequence[str], *, probabilities: bool
    ) -> None:
        """Keep the functions of both stages.

        Args:
            encoder: turns rows into the encoded matrix; None with one stage.
            estimator: the fitted estimator.
            names: the columns of the table that the model gets; if empty, it gets an array.
            probabilities: whether to call `predict_proba`.
        """
        self._encoder, self._estimator = encoder, estimator
        self._names = list(names)
        self.probabilities = probabilities
        self.batch_rows = MAX_BATCH_ROWS

    def encode(self, columns: Columns) -> Any:
        """Turn an array of shape [n] for each feature into the estimator's input, [n, width].

        Raises:
            UnsupportedValues: the encoder does not support a value.
        """
        with _unsupported_values():
            return self._encode(columns)

    def _encode(self, columns: Columns) -> Any:
        table = pd.DataFrame(dict(enumerate(columns)), copy=False)
        table.columns = pd.Index(self._names or range(len(columns)), dtype=object if self._names else None)
        rows = table if self._names else table.to_numpy()
        return rows if self._encoder is None else self._encoder(rows)

    def vectors(self, vectors: Vectors) -> Any:
        """Turn n vectors into the estimator's input, [n, width]."""
        if self._encoder is None:
            return self.encode([array_of_any(column) for column in zip(*vectors, strict=True)])
        return np.array(vectors, dtype=np.float64)

    def predict(self, encoded: Any) -> Outputs:
        """Predict from the estimator's input, [n, width].

        Raises:
            UnsupportedValues: the estimator does not support a value.
        """
        start = time.monotonic()
        with _unsupported_values():
            labels = np.asarray(self._estimator.predict(encoded))
            probabilities = self._estimator.predict_proba(encoded) if self.probabilities else None
            if labels.size != len(labels):
                raise ValueError("several values for each row")
        self._limit_batches(len(labels), time.monotonic() - start)
        return Outputs(labels.reshape(-1), probabilities)

    def predict_columns(self, columns: Columns) -> Outputs:
        """Predict n rows, given as an array of shape [n] for each feature."""
        return self.predict(self.encode(columns))

    def _limit_batches(self, rows: int, seconds: float) -> None:
        """Limit the rows of a batch by the time of the last one: a request can be stopped between two batches only."""
        if seconds > MAX_BATCH_SECONDS:
            self.batch_rows = min(self.batch_rows, max(MIN_BATCH_ROWS, int(rows * MAX_BATCH_SECONDS / seconds)))


@contextmanager
def _unsupported_values() -> Iterator[None]:
    """Turn scikit-learn's exceptions into UnsupportedValues."""
    try:
        yield
    except UNSUPPORTED_ERRORS as error:
        raise UnsupportedValues from error


def split(model: Any) -> tuple[Callable[[Any], Any], Any]:
    """Split a pipeline into a function that encodes rows and the estimator.

    Raises:
        Refused: the model is not a pipeline of two stages.
    """
    if not has_two_stages(model):
        raise Refused("model.joblib is not a pipeline of transformers and an estimator")
    return partial(encode, model), model[-1]


def encode(model: Pipeline, rows: Any) -> npt.NDArray[Any]:
    """Encode rows with all steps but the last.

    Each step is called directly, because a slice of the pipeline would check whether its own last step is fitted.
    """
    for _, step in model.steps[:-1]:
        if step is not None and step != "passthrough":
            rows = step.transform(rows)
    return np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows)


def has_two_stages(model: Any) -> bool:
    """Return whether a model is a pipeline of transformers and an estimator."""
    return isinstance(model, Pipeline) and len(model) >= TWO_STAGES
