"""function/model/plan: what rows are encoded as, and which are refused."""

import numpy as np
import pytest

from function.errors import BadRow
from function.model.engines.plan import PlanEngine
from function.model.plan.encoder import read_plan, write_plan
from function.model.plan.errors import UnsupportedRow
from function.model.plan.links import PROBABILITIES
from function.model.plan.structs import Linear
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
    assert np.allclose(gathered.probabilities(), multiplied.probabilities(), rtol=1e-15)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e308])
@pytest.mark.parametrize("coefficient", [0.0, 1e10])
def test_a_vector_that_is_not_finite_is_refused_with_its_scores(number: float, coefficient: float) -> None:
    """Also where its coefficient is 0; a finite number is refused if the score overflows."""
    linear = Linear(((1.0, 2.0, 3.0, 0.5, -0.5, coefficient),), (0.25,), "logistic", ("early", "late"))
    names = ["city", "size", "price"]
    engine = PlanEngine(write_plan(small_plan(linear=linear)), None, names, probabilities=True, tolerance=1e-12)
    vectors = engine.vectors([[0.0] * 6, [0.0] * 5 + [number]])
    if coefficient == 0 and np.isfinite(number):
        assert engine.predict(vectors).labels.tolist() == ["late", "late"]
        return
    with pytest.raises(BadRow) as raised:
        engine.predict(vectors)
    assert raised.value.row == 1


@pytest.mark.parametrize("link", PROBABILITIES)
def test_finite_scores_have_finite_probabilities(link: str) -> None:
    """Whatever they are: nothing checks the probabilities again."""
    extremes = [-1.7e308, -800.0, -40.0, 0.0, 5e-324, 40.0, 800.0, 1.7e308]
    several = np.array([[one, other, one] for one in extremes for other in extremes])
    scores = [several[:, :1]] if link == "logistic" else [several, several[:, :1]] if "huber" in link else [several]
    for each in scores:
        shares = PROBABILITIES[link](each)
        assert np.isfinite(shares).all()
        assert (shares >= 0).all()
        assert (shares <= 1).all()


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
