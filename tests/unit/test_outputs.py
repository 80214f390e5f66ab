"""function/model/outputs.py: probabilities are computed where they are asked for."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from function.inference.prediction import predict
from function.inference.query import Query
from function.model.loaded import load
from function.model.outputs import Outputs, joined
from model_training.bundling.building import Packed

SECOND = np.array([0.25, 0.5, 0.875])
BOTH = [[0.75, 0.25], [0.5, 0.5], [0.125, 0.875]]
LABELS = np.array(["early", "early", "late"])


class Counted:
    """Returns probabilities, and counts how often."""

    def __init__(self, shares: npt.NDArray[Any]) -> None:
        self.shares, self.calls = shares, 0

    def __call__(self) -> npt.NDArray[Any]:
        """Return them."""
        self.calls += 1
        return self.shares


@pytest.mark.parametrize("shares", [SECOND, np.array(BOTH)])
def test_a_batch_computes_its_probabilities_once(shares: npt.NDArray[Any]) -> None:
    """When the first of its parts is asked for them; labels need none."""
    counted = Counted(shares)
    whole = Outputs(LABELS, counted)
    parts = [whole.part(row, row + 1) for row in range(3)]
    assert [part.labels.tolist() for part in parts] == [["early"], ["early"], ["late"]]
    assert counted.calls == 0
    assert [_listed(part) for part in parts] == [[row] for row in BOTH]
    assert counted.calls == 1


def test_parts_are_chosen_and_joined_without_computing() -> None:
    """A mask of rows too; the probabilities follow."""
    counted = Counted(SECOND)
    whole = Outputs(LABELS, counted)
    again = joined([whole.of(np.array([False, True, True])), whole.part(0, 1)])
    assert again.labels.tolist() == ["early", "late", "early"]
    assert counted.calls == 0
    assert _listed(again) == [BOTH[1], BOTH[2], BOTH[0]]


@pytest.mark.parametrize("shares", [SECOND, np.array(BOTH), Counted(SECOND), Counted(np.array(BOTH))])
def test_a_threshold_is_compared_with_the_second_class(shares: Any) -> None:
    """A probability that equals it is not above it."""
    above = Outputs(LABELS, shares).above(0.5)
    assert above is not None
    assert above.tolist() == [False, False, True]


def test_a_threshold_and_a_response_share_the_probabilities() -> None:
    """They are computed once, also if the threshold chose the labels."""
    counted = Counted(SECOND)
    whole = Outputs(LABELS, counted)
    above = whole.above(0.5)
    assert above is not None
    labelled = whole.labelled(np.array(["no", "yes"]).take(above))
    assert labelled.labels.tolist() == ["no", "no", "yes"]
    assert _listed(labelled.part(2, 3)) == [BOTH[2]]
    assert counted.calls == 1


def test_a_model_without_probabilities_has_none() -> None:
    """Neither a part of it, nor a comparison with a threshold."""
    outputs = Outputs(np.array([1.5, 2.5]))
    assert outputs.probabilities is None
    assert joined([outputs.part(0, 1), outputs.part(1, 2)]).probabilities is None
    assert outputs.above(0.5) is None


def test_a_linear_model_defers_its_probabilities(packed: Packed) -> None:
    """And they are its own: above the threshold where the label is the second class."""
    model = load(packed.data, None, 10_000_000)
    vectors = [[(row >> bit) & 1 for bit in range(model.schema.width)] for row in range(64)]
    outputs = predict(Query(len(vectors), vectors=vectors), model)
    assert callable(outputs.shares)
    assert outputs.probabilities is not None
    assert np.isfinite(outputs.probabilities).all()
    threshold, classes = model.manifest.threshold or 0.5, model.manifest.classes or ()
    assert outputs.labels.tolist() == [classes[int(p > threshold)] for p in outputs.probabilities[:, 1]]


def _listed(outputs: Outputs) -> Any:
    assert outputs.probabilities is not None
    return outputs.probabilities.tolist()
