"""function/inference/prediction.py: what the model says must be a number before it is an answer."""

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from function.errors import BadRow
from function.inference.prediction import PART_ROWS, check_finite, predict, predict_good
from function.inference.query import Query
from function.model.loaded import load
from function.model.outputs import Outputs
from function.model.schema import Columns, Vectors
from model_training.bundling.building import Packed


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_row_without_a_finite_answer_is_named(bad: float) -> None:
    """Of probabilities as of values; JSON has no word for either."""
    with pytest.raises(BadRow) as caught:
        check_finite(Outputs(np.array([0, 1]), np.array([[0.5, 0.5], [bad, 0.5]])))
    assert caught.value.row == 1
    with pytest.raises(BadRow):
        check_finite(Outputs(np.array([1.0, 2.0, bad])))


def test_finite_answers_pass() -> None:
    """Also labels that are text."""
    check_finite(Outputs(np.array(["a", "b"])))
    check_finite(Outputs(np.array([1, 0]), np.array([[0.1, 0.9], [1.0, 0.0]])))


class Overflowing:
    """An engine whose numbers overflow for every vector that begins with a two, and that counts its runs' rows."""

    name, probabilities = "overflowing", False

    def __init__(self, *, blocking: bool = False) -> None:
        self.blocking = blocking
        self.runs: list[int] = []

    def encode(self, columns: Columns) -> npt.NDArray[Any]:
        """Take the columns as they are."""
        return np.column_stack(columns)

    def vectors(self, vectors: Vectors) -> npt.NDArray[Any]:
        """Take the vectors as they are."""
        return np.array(vectors, dtype=float)

    def predict(self, encoded: npt.NDArray[Any]) -> Outputs:
        """Answer with the first number, or with infinity."""
        self.runs.append(len(encoded))
        return Outputs(np.where(encoded[:, 0] == 2, np.inf, encoded[:, 0]))


def test_good_rows_are_answered_without_the_bad(packed: Packed) -> None:
    """Whichever they are; what is kept are their places in the body."""
    manifest = msgspec.structs.replace(packed.manifest, task="regression", classes=None, threshold=None)
    model = replace(load(packed.data, None, 10_000_000), manifest=manifest, engine=Overflowing())
    for values in ([2, 1, 0, 2, 1], [2, 2], [1], [0, 2]):
        query = Query(len(values), vectors=[[value] for value in values], kept=range(10, 10 + len(values)))
        kept, outputs = predict_good(query, model)
        good = [(10 + row, value) for row, value in enumerate(values) if value != 2]
        assert list(zip(kept.kept or (), outputs.labels.tolist(), strict=True)) == good


def test_many_rows_are_answered_in_order(packed: Packed) -> None:
    """Also where one part of them ends and the next begins."""
    model = load(packed.data, None, 10_000_000)
    vectors = [[(row >> bit) & 1 for bit in range(model.schema.width)] for row in range(2 * PART_ROWS + 7)]
    outputs = predict(Query(len(vectors), vectors=vectors), model)
    for row in (0, PART_ROWS - 1, PART_ROWS, 2 * PART_ROWS + 6):
        (alone,) = predict(Query(1, vectors=[vectors[row]]), model).labels.tolist()
        assert outputs.labels[row] == alone
    assert len(outputs.labels) == len(vectors)


@pytest.mark.parametrize(("blocking", "runs"), [(False, [PART_ROWS, 3]), (True, [PART_ROWS + 3])])
def test_many_rows_are_run_by_parts(packed: Packed, runs: list[int], *, blocking: bool) -> None:
    """Unless each run costs much, whatever is in it; a bad row's number is that in the body."""
    engine, manifest = Overflowing(blocking=blocking), msgspec.structs.replace(packed.manifest, classes=None)
    model = replace(load(packed.data, None, 10_000_000), engine=engine, manifest=manifest)
    with pytest.raises(BadRow) as caught:
        predict(Query(PART_ROWS + 3, vectors=[[1]] * (PART_ROWS + 2) + [[2]]), model)
    assert caught.value.row == PART_ROWS + 2
    assert engine.runs == runs
