"""function/inference/prediction.py: predictions must be finite numbers."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from function.errors import BadRow
from function.inference.prediction import check_finite, predict, predict_valid
from function.inference.query import Query
from function.model.engines.plan import BATCH_ROWS
from function.model.loaded import load
from function.model.outputs import Outputs
from function.model.schema import Codes, Columns, Vectors
from model_training.bundling.building import Packed


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_row_without_a_finite_prediction_is_reported(bad: float) -> None:
    """For probabilities and for values; JSON has neither NaN nor Infinity."""
    with pytest.raises(BadRow) as caught:
        check_finite(Outputs(np.array([0, 1]), np.array([[0.5, 0.5], [bad, 0.5]])))
    assert caught.value.row == 1
    with pytest.raises(BadRow):
        check_finite(Outputs(np.array([1.0, 2.0, bad])))


def test_finite_predictions_pass() -> None:
    """Labels that are text pass too."""
    check_finite(Outputs(np.array(["a", "b"])))
    check_finite(Outputs(np.array([1, 0]), np.array([[0.1, 0.9], [1.0, 0.0]])))


class Overflowing:
    """An engine whose numbers overflow for every vector that begins with 2; records the rows of its batches."""

    name, probabilities, tolerance, batch_rows = "overflowing", False, 1e-12, BATCH_ROWS
    codes: Mapping[int, Codes] = {}

    def __init__(self, *, blocking: bool = False) -> None:
        self.blocking = blocking
        self.batches: list[int] = []

    def encode(self, columns: Columns) -> npt.NDArray[Any]:
        """Return the columns as they are."""
        return np.column_stack(columns)

    def vectors(self, vectors: Vectors) -> npt.NDArray[Any]:
        """Return the vectors as they are."""
        return np.array(vectors, dtype=float)

    def predict(self, encoded: npt.NDArray[Any]) -> Outputs:
        """Return the first number, or infinity."""
        self.batches.append(len(encoded))
        return Outputs(np.where(encoded[:, 0] == 2, np.inf, encoded[:, 0]))

    def predict_columns(self, columns: Columns) -> Outputs:
        """Predict from the columns."""
        return self.predict(self.encode(columns))


def test_valid_rows_are_predicted_without_the_invalid(packed: Packed) -> None:
    """Whichever they are; `kept` has their positions in the body."""
    manifest = msgspec.structs.replace(packed.manifest, task="regression", classes=None, threshold=None)
    model = msgspec.structs.replace(load(packed.data, None, 10_000_000), manifest=manifest, engine=Overflowing())
    for values in ([2, 1, 0, 2, 1], [2, 2], [1], [0, 2]):
        query = Query(len(values), vectors=[[value] for value in values], kept=range(10, 10 + len(values)))
        kept, outputs = predict_valid(query, model)
        valid = [(10 + row, value) for row, value in enumerate(values) if value != 2]
        assert list(zip(kept.kept or (), outputs.labels.tolist(), strict=True)) == valid


def test_many_rows_are_predicted_in_order(packed: Packed) -> None:
    """Also where one batch ends and the next begins."""
    model = load(packed.data, None, 10_000_000)
    vectors = [[(row >> bit) & 1 for bit in range(model.schema.width)] for row in range(2 * BATCH_ROWS + 7)]
    outputs = predict(Query(len(vectors), vectors=vectors), model)
    for row in (0, BATCH_ROWS - 1, BATCH_ROWS, 2 * BATCH_ROWS + 6):
        (alone,) = predict(Query(1, vectors=[vectors[row]]), model).labels.tolist()
        assert outputs.labels[row] == alone
    assert len(outputs.labels) == len(vectors)


@pytest.mark.parametrize("blocking", [False, True])
def test_many_rows_are_predicted_in_batches(packed: Packed, *, blocking: bool) -> None:
    """By every engine; the position of an invalid row is that in the body."""
    engine, manifest = Overflowing(blocking=blocking), msgspec.structs.replace(packed.manifest, classes=None)
    model = msgspec.structs.replace(load(packed.data, None, 10_000_000), engine=engine, manifest=manifest)
    with pytest.raises(BadRow) as caught:
        predict(Query(BATCH_ROWS + 3, vectors=[[1]] * (BATCH_ROWS + 2) + [[2]]), model)
    assert caught.value.row == BATCH_ROWS + 2
    assert engine.batches == [BATCH_ROWS, 3]
