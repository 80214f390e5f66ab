"""function/prediction.py: what the model says must be a number before it is an answer."""

import numpy as np
import pytest

from function.errors import BadRow
from function.model.outputs import Outputs
from function.prediction import check_finite


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
