"""function/model/plan: what rows are encoded as, and which are refused."""

import numpy as np
import pytest

from function.model.plan.encoder import read_plan, write_plan
from function.model.plan.errors import UnsupportedRow
from tests.unit.exact.plans import columns, encoder, small_plan


def test_encodes_known_missing_and_unknown_values() -> None:
    """A category is its row of the table; a missing one and an unknown one have rows of their own."""
    found = encoder().encode_columns(columns(("Lima", 2, 14.0), ("Rome", None, 10.0), ("Oslo", 7, 6.0)))
    assert found.tolist() == [
        [0.0, 1.0, 0.0, 1.5, 2.0, 1.0],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 9.0, 9.0, -1.0],
    ]


def test_codes_are_the_same_as_values() -> None:
    """Codes that were made while decoding encode as the values do."""
    one = encoder()
    by_value = one.encode_columns(columns(("Lima", 5, 14.0), ("Bern", np.nan, 3.0)))
    coded = [np.array([one.coded[0][value] for value in ("Lima", "Bern")])]
    coded.append(np.array([one.coded[1][value] for value in (5.0, None)]))
    assert (one.encode(one.read_coded([*coded, np.array([14.0, 3.0])])) == by_value).all()


@pytest.mark.parametrize(
    ("row", "feature"),
    [
        ((None, 1, 2.0), "city"),
        ((np.nan, 1, 2.0), "city"),
        (("Bern", 1, np.nan), "price"),
        (("Bern", 1, np.inf), "price"),
    ],
)
def test_refuses_a_row_by_number_and_feature(row: tuple[object, ...], feature: str) -> None:
    """A value that the fitted encoder refuses is an error that names its place."""
    with pytest.raises(UnsupportedRow) as raised:
        encoder().encode_columns(columns(("Oslo", 2, 1.0), row))
    assert (raised.value.row, raised.value.features) == (1, (feature,))


def test_refuses_what_the_estimator_refuses() -> None:
    """A number beyond float32 is refused where trees compare float32."""
    with pytest.raises(UnsupportedRow, match="this large"):
        encoder(largest=3e38, linear=None).encode_columns(columns(("Oslo", 2, 1e300)))


def test_scores_are_the_product_with_the_encoded_matrix() -> None:
    """Whether coefficients are looked up by code, or multiplied."""
    one = encoder()
    inputs = one.read(columns(("Lima", 2, 14.0), ("Rome", 5, 1.0)))
    assert one.linear is not None
    gathered, multiplied = one.linear.predict(inputs), one.linear.predict_encoded(one.encode(inputs))
    assert gathered.labels.tolist() == multiplied.labels.tolist() == ["late", "early"]
    assert gathered.probabilities is not None
    assert multiplied.probabilities is not None
    assert np.allclose(gathered.probabilities, multiplied.probabilities, rtol=1e-15)


def test_a_plan_survives_json() -> None:
    """Numbers come back bit by bit, labels as what they were."""
    plan = small_plan()
    assert read_plan(write_plan(plan)).plan == plan


def test_no_rows_are_no_answers() -> None:
    """An empty batch is encoded and predicted as such."""
    one = encoder()
    inputs = one.read([np.zeros(0, dtype=object), np.zeros(0, dtype=object), np.zeros(0)])
    assert one.encode(inputs).shape == (0, 6)
    assert one.linear is not None
    assert one.linear.predict(inputs).labels.tolist() == []
