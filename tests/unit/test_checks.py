"""function/model/checks.py: values one by one, with every fault."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pytest

from function.errors import BadInput, Fault
from function.model.checks import MAX_FAULTS, Checks
from function.model.faults import Place
from function.model.manifest import Feature
from function.model.schema import Schema
from model_training.bundling.building import Packed

FEATURES = (
    Feature(name="carrier", type="string", categories=("AA", "UA")),
    Feature(name="month", type="integer", categories=(1, 2, 7)),
    Feature(name="city", type="string", categories=("Lima",), unknown="open"),
    Feature(name="age", type="integer"),
    Feature(name="score", type="number", nullable=True),
    Feature(name="late", type="boolean", default=False),
)
GOOD = {"carrier": "AA", "month": 7, "city": "Quito", "age": 3, "score": 0.5, "late": True}


@pytest.fixture
def schema(packed: Packed) -> Schema:
    """The schema of a model with a feature of every kind."""
    return Schema(msgspec.structs.replace(packed.manifest, features=FEATURES))


def locate(place: Place) -> Place:
    """Put rows where a body has them."""
    return ("rows", *place)


def faults_of(schema: Schema, rows: Sequence[Any]) -> tuple[Fault, ...]:
    """Check rows that must be refused."""
    with pytest.raises(BadInput) as caught:
        Checks(schema).objects(rows, locate)
    return caught.value.faults


def test_every_fault_of_every_row_is_reported(schema: Schema) -> None:
    """With its place, its kind, and what is allowed there."""
    bad: dict[str, Any] = {"carrier": "ZZ", "month": "7", "city": 5, "score": 1e31, "late": None, "color": "red"}
    faults = {(fault.loc, fault.type, fault.msg) for fault in faults_of(schema, [GOOD, bad, 7])}
    values, vector = "an array of these 6 values", f"an array of exactly {schema.width} items"
    number = "each a number from -1e+30 to 1e+30"
    names = "an object with carrier, month, city, age, score, late"
    assert faults == {
        (("rows", 1, "color"), "extra_forbidden", f"unknown; expected {names}"),
        (("rows", 1, "carrier"), "enum", 'expected one of "AA", "UA"'),
        (("rows", 1, "month"), "type", "expected one of 1, 2, 7; text is not a number: omit quotes and units"),
        (("rows", 1, "city"), "type", "expected text; a number is not text: add quotes"),
        (("rows", 1, "age"), "missing", "missing; expected an integer"),
        (("rows", 1, "score"), "range", "expected a number from -1e+30 to 1e+30 or null"),
        (("rows", 1, "late"), "type", "expected true or false; null is not allowed"),
        (
            ("rows", 2),
            "type",
            f"expected {names} or {values} or {vector}, {number}; a number is not allowed",
        ),
    }


def test_a_sentence_has_the_first_fault_and_counts_the_others(schema: Schema) -> None:
    """Up to a hundred."""
    with pytest.raises(BadInput, match=r"^rows\[0\].carrier: .* \(and 1 more fault\)$"):
        Checks(schema).objects([{**GOOD, "carrier": 1, "age": "a"}], locate)
    assert len(faults_of(schema, [{}] * 1000)) == MAX_FAULTS
    with pytest.raises(BadInput, match=r" \(and 99 more faults\)$"):
        Checks(schema).objects([{}] * 1000, locate)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"month": 7.0}, {"month": 7}),
        ({"age": 7.0}, {"age": 7.0}),
        ({"score": None}, {"score": None}),
        ({"city": "Cuzco"}, {"city": "Cuzco"}),
    ],
)
def test_what_is_right_is_taken(schema: Schema, given: dict[str, Any], taken: dict[str, Any]) -> None:
    """7.0 is the category 7; any city is allowed, because the feature is open."""
    (row,), kept = Checks(schema).objects([{**GOOD, **given}], locate)
    assert list(row) == list((GOOD | taken).values())
    assert [type(value) for value in row] == [type(value) for value in (GOOD | taken).values()]
    assert kept == [0]


@pytest.mark.parametrize("wrong", [True, 7.5, "7", [7], {"month": 7}, None, 10**400, float("nan")])
def test_what_only_looks_like_a_category_is_refused(schema: Schema, wrong: Any) -> None:
    """Python's true is 1, and a list can't be looked up."""
    (fault,) = faults_of(schema, [{**GOOD, "month": wrong}])
    assert fault.loc == ("rows", 0, "month")


def test_an_absent_feature_is_null_or_its_default(schema: Schema) -> None:
    """Where it may be missing, or has one."""
    row = {name: value for name, value in GOOD.items() if name not in ("score", "late")}
    ((*_, score, late),), _ = Checks(schema).objects([row], locate)
    assert (score, late) == (None, False)
    decoded = msgspec.json.decode(msgspec.json.encode([row]), type=list[schema.Row])  # type: ignore[name-defined]
    given = schema.columns_of([[*row.values(), None, False]])
    for column, wanted in zip(schema.columns(decoded), given, strict=True):
        np.testing.assert_array_equal(column, wanted)


def test_bad_rows_are_skipped(schema: Schema) -> None:
    """The positions of the others are kept."""
    rows = [GOOD, 7, {**GOOD, "age": "old"}, {**GOOD, "color": 1}, GOOD]
    found, kept = Checks(schema).objects(rows, locate, skip=True)
    assert (len(found), kept) == (2, [0, 4])


def test_unknown_fields_are_ignored_by_choice(packed: Packed) -> None:
    """By the decoder of a whole body and by the checks."""
    schema = Schema(msgspec.structs.replace(packed.manifest, features=FEATURES, unknown_fields="ignore"))
    row = {**GOOD, "color": "red"}
    assert list(Checks(schema).objects([row], locate).rows[0]) == list(GOOD.values())
    decoded = msgspec.json.decode(msgspec.json.encode([row]), type=list[schema.Row])  # type: ignore[name-defined]
    assert len(schema.columns(decoded)) == len(GOOD)


def test_unknown_values_are_counted(schema: Schema) -> None:
    """Of open features; a missing value is not unknown."""
    columns = schema.columns_of([list({**GOOD, "city": city}.values()) for city in ("Lima", "Quito", "Cuzco")])
    assert schema.unknown_values(columns) == {"city": 2}


def test_numbers_may_be_text_where_that_is_asked_for(schema: Schema) -> None:
    """As BigQuery writes large ones."""
    row = list({**GOOD, "age": "9007199254740993", "month": "7"}.values())
    (found,), _ = Checks(schema, strict=False).values([row], locate)
    assert found[1] == 7
    assert found[3] == 9007199254740993


def test_vectors_have_their_own_faults(schema: Schema) -> None:
    """Too short, or with something that is no number."""
    width = schema.width
    with pytest.raises(BadInput) as caught:
        Checks(schema).vectors([[0] * (width - 1), [0] * (width - 1) + ["x"], {}], locate)
    assert [(fault.loc, fault.type) for fault in caught.value.faults] == [
        (("rows", 0), "length"),
        (("rows", 1, width - 1), "type"),
        (("rows", 2), "type"),
    ]
