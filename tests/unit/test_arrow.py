"""function/protocols/tables/arrow: every type of Arrow that a feature may have, against the same rows as JSON."""

import datetime as dt
import json
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from function.errors import BadInput, TooLarge
from function.inference.query import Query
from function.model.checks import MAX_FAULTS
from function.model.loaded import LoadedModel, load
from function.model.manifest import Feature
from function.model.outputs import Outputs
from function.model.schema import Schema
from function.protocols import rows
from function.protocols.predictions import DEFAULTS, Parameters, ResponseOptions
from function.protocols.tables.arrow import stream
from function.protocols.tables.arrow.messages import read_stream
from model_training.bundling.building import Packed
from tests.support.formats import encoded, stream_of

FEATURES = (
    Feature("text", "string", nullable=True),
    Feature(
        "kind",
        "string",
        categories=("red", "green", "a colour whose name is very long, over 64 bytes" * 2),
        unknown="open",
    ),
    Feature("number", "number", nullable=True),
    Feature("whole", "integer"),
    Feature("count", "integer", nullable=True),
    Feature("code", "integer", categories=(1, 2, 12)),
    Feature("flag", "boolean"),
    Feature("day", "string", format="date", nullable=True),
    Feature("time", "string", format="date-time"),
    Feature("any", "any"),
)
ROW = {
    "text": "é€𝄞",
    "kind": "red",
    "number": 0.1,
    "whole": 7,
    "count": None,
    "code": 12,
    "flag": True,
    "day": "2024-05-31",
    "time": "2024-05-31T13:45:00Z",
    "any": 1.5,
}
MAX_ROWS = 1000
UTC = dt.timezone.utc
MOMENT = dt.datetime(2024, 5, 31, 13, 45, tzinfo=UTC)


@pytest.fixture(scope="module")
def model(packed: Packed) -> LoadedModel:
    """A model whose features have every type; it predicts nothing."""
    loaded = load(packed.data, 1, 10_000_000)
    manifest = msgspec.structs.replace(loaded.manifest, features=FEATURES, linear=None)
    return LoadedModel(manifest, Schema(manifest), loaded.engine, "", None, MOMENT)


def columns(table: pa.Table, model: LoadedModel, parameters: Parameters = DEFAULTS, **options: Any) -> Query:
    """Read a table."""
    return stream.decode(stream_of(table, **options), model, parameters, MAX_ROWS)


def table(**changes: Any) -> pa.Table:
    """Make a table of one row, or as many as there are in the changed columns."""
    count = max((len(column) for column in changes.values()), default=1)
    return pa.table({name: changes.get(name, pa.array([value] * count)) for name, value in ROW.items()})


def same(found: Query, expected: list[dict[str, Any]], model: LoadedModel) -> None:
    """Compare with the rows as JSON: values, and types of arrays."""
    query = rows.decode(json.dumps({"instances": expected}).encode(), model)
    assert found.rows == query.rows == len(expected)
    for name, ours, theirs in zip(ROW, found.columns or [], query.columns or [], strict=True):
        assert ours.dtype == theirs.dtype, name
        assert list(map(repr, ours.tolist())) == list(map(repr, theirs.tolist())), name


INTEGERS = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]
FLOATS = [pa.float16(), pa.float32(), pa.float64()]
TEXTS = [pa.string(), pa.large_string(), pa.string_view()]
TIMES = [pa.timestamp(unit, zone) for unit in ("s", "ms", "us", "ns") for zone in (None, "UTC", "America/New_York")]


@pytest.mark.parametrize("kind", [*INTEGERS, *FLOATS], ids=str)
@pytest.mark.parametrize("name", ["number", "whole", "count", "code", "any"])
def test_numbers_of_every_width(name: str, kind: pa.DataType, model: LoadedModel) -> None:
    """As the same numbers in JSON, nulls and NaN included."""
    values = [1, 12, 2]
    found = columns(table(**{name: pa.array(values, kind)}), model)
    same(found, [{**ROW, name: value} for value in values], model)
    if name in ("number", "count"):
        found = columns(table(**{name: pa.array([1, None, 2], kind)}), model)
        same(found, [{**ROW, name: value} for value in (1, None, 2)], model)
        if pa.types.is_floating(kind):
            found = columns(table(**{name: pa.array(np.array([1, np.nan, 2]), kind)}), model)
            same(found, [{**ROW, name: value} for value in (1, None, 2)], model)


@pytest.mark.parametrize("kind", TEXTS, ids=str)
@pytest.mark.parametrize("name", ["text", "kind"])
@pytest.mark.parametrize("dictionary", [False, True])
def test_text_of_every_layout(name: str, kind: pa.DataType, model: LoadedModel, *, dictionary: bool) -> None:
    """Known and unknown, short and long, with characters of four bytes, and null."""
    long = FEATURES[1].categories[2]  # type: ignore[index]
    values = ["red", "", "green", "gree", "é€𝄞", long, str(long)[:-1], "red", "x" * 13, "\x00", "red\x00"]
    given = table(**{name: pa.array(values, kind)})
    found = columns(encoded(given) if dictionary and kind == pa.string() else given, model)
    same(found, [{**ROW, name: value} for value in values], model)
    if name == "text":
        found = columns(table(text=pa.array([None, *values, None], kind)), model)
        same(found, [{**ROW, name: value} for value in (None, *values, None)], model)
    if name == "kind":
        assert model.schema.unknown_values(found.columns or []) in ({}, {"kind": 7})


@pytest.mark.parametrize("kind", TIMES, ids=str)
def test_times_of_every_unit(kind: pa.DataType, model: LoadedModel) -> None:
    """In UTC, before 1970 too, and as days."""
    times = [MOMENT, dt.datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), dt.datetime(1700, 1, 1, tzinfo=UTC)]
    naive = [time.replace(tzinfo=None) for time in times]
    found = columns(table(time=pa.array(times if kind.tz else naive, kind)), model)
    same(found, [{**ROW, "time": time.isoformat()} for time in times], model)
    midnight = pa.array([dt.datetime(2024, 5, 31), None], kind)  # noqa: DTZ001
    found = columns(table(day=midnight.cast(pa.timestamp(kind.unit))), model)
    same(found, [{**ROW, "day": "2024-05-31"}, {**ROW, "day": None}], model)


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64()], ids=str)
def test_days(kind: pa.DataType, model: LoadedModel) -> None:
    """Of both widths."""
    found = columns(table(day=pa.array([dt.date(1, 1, 1), dt.date(9999, 12, 31), None], kind)), model)
    same(found, [{**ROW, "day": day} for day in ("0001-01-01", "9999-12-31", None)], model)


def test_batches_are_one_table(model: LoadedModel) -> None:
    """Also if their dictionaries differ, or are empty."""
    values = ["red", "green", "x", "red"]
    for given in (table(kind=pa.array(values)), encoded(table(kind=pa.array(values)))):
        for size in (1, 2, 3):
            same(columns(given, model, rows=size), [{**ROW, "kind": value} for value in values], model)
    parts = [encoded(table(kind=pa.array(part))) for part in (["red"], ["green", "x"], ["red"])]
    same(columns(pa.concat_tables(parts), model), [{**ROW, "kind": value} for value in values], model)
    assert columns(table().slice(0, 0), model).rows == 0


def test_absent_columns_and_those_of_pandas(model: LoadedModel) -> None:
    """A feature that may be missing needs no column, and the index that pandas adds is none."""
    given = table(whole=pa.array([1, 2])).drop_columns(["text", "number", "count", "day"])
    given = given.append_column("__index_level_0__", pa.array([7, 8]))
    lacking = dict.fromkeys(("text", "number", "count", "day"))
    same(columns(given, model), [{**ROW, **lacking, "whole": value} for value in (1, 2)], model)


REFUSED: dict[str, list[pa.Array]] = {
    "text": [pa.array([1]), pa.array([True]), pa.array([MOMENT])],
    "kind": [pa.array([None], pa.string()), pa.nulls(1), pa.array([1.5])],
    "number": [pa.array(["1"]), pa.array([np.inf]), pa.array([-1e31]), pa.array([True]), pa.array([MOMENT])],
    "whole": [pa.array([1.5]), pa.array([2**63], pa.uint64()), pa.array([np.nan]), pa.nulls(1), pa.array([1e19])],
    "count": [pa.array([0.5]), pa.array(["7"])],
    "code": [pa.array([3]), pa.array([1.5]), pa.array(["1"]), pa.array([None], pa.int8())],
    "flag": [pa.array([1]), pa.array(["true"]), pa.array([None], pa.bool_())],
    "day": [pa.array([MOMENT]), pa.array(["31.05.2024"]), pa.array([2**61], pa.timestamp("s")), pa.array([20240531])],
    "time": [pa.nulls(1), pa.array([-(10**12)], pa.timestamp("s")), pa.array([1.5])],
    "any": [pa.array([1e31])],
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_values_are_refused_by_row_and_column(name: str, model: LoadedModel) -> None:
    """Or skipped, if the request says so."""
    for bad in REFUSED[name]:
        with pytest.raises(BadInput) as error:
            columns(table(**{name: bad}), model)
        assert [fault.loc for fault in error.value.faults] == [("rows", 0, name)], bad.type
        query = columns(table(**{name: bad}), model, Parameters(on_error="null"))
        assert (query.rows, query.skipped, list(query.kept or ())) == (0, 1, [])


def test_every_fault_is_listed(model: LoadedModel) -> None:
    """Over batches, up to a hundred."""
    values = [1, 3] * 80
    with pytest.raises(BadInput) as error:
        columns(table(code=pa.array(values)), model, rows=7)
    assert [fault.loc[1] for fault in error.value.faults] == list(range(1, 160, 2))
    with pytest.raises(BadInput) as error:
        columns(table(code=pa.array([3] * 500)), model, rows=7)
    assert len(error.value.faults) == MAX_FAULTS
    query = columns(table(code=pa.array(values)), model, Parameters(on_error="null"), rows=7)
    assert list(query.kept or ()) == list(range(0, 160, 2))
    assert query.skipped == 80


def test_the_kept_columns_of_a_schema_cannot_be_changed() -> None:
    """They are shared by all streams that begin with the same bytes."""
    first, second = (read_stream(stream_of(pa.table({"a": [number]}))).fields for number in (1, 2))
    assert first is second
    assert isinstance(first, tuple)


def test_rows_are_counted_before_any_is_read(model: LoadedModel) -> None:
    """A column of nulls has no bytes, so its length says nothing of the body."""
    with pytest.raises(TooLarge, match="1001 rows"):
        columns(table(text=pa.nulls(MAX_ROWS + 1)), model)


def test_predictions_can_be_read_by_arrow(model: LoadedModel) -> None:
    """Labels of any type, and nulls for rows that were skipped."""
    for labels in ([1, 2], [0.1, 1e-300], ["é", ""], [True, False]):
        options = ResponseOptions("label", ("rows",))
        whole = stream.encode(Query(2, options=options), Outputs(np.array(labels)), model)
        assert pa.ipc.open_stream(whole.body).read_all()["prediction"].to_pylist() == labels
        skipped = Query(2, options=options, kept=[1, 3], skipped=2)
        body = stream.encode(skipped, Outputs(np.array(labels)), model).body
        read = pa.ipc.open_stream(body).read_all()
        read.validate(full=True)
        assert read["prediction"].to_pylist() == [None, labels[0], None, labels[1]]


@pytest.mark.parametrize("kind", [pa.string(), pa.float64(), pa.int32()], ids=str)
def test_a_dictionary_without_values(kind: pa.DataType, model: LoadedModel) -> None:
    """As of a pandas category of missing values only."""
    name = "text" if kind == pa.string() else "any"
    empty = pa.DictionaryArray.from_arrays(pa.array([None, None], pa.int8()), pa.array([], kind))
    found = columns(table(**{name: empty}), model)
    same(found, [{**ROW, name: None}] * 2, model)
