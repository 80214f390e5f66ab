"""function/protocols/tables/cells.py: cells of CSV mean what `score` reads in them, or they are refused."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from msgspec import UNSET

from function.model.checks import REFUSED, Cell
from function.model.dates import parse_times
from function.model.manifest import CellReading, Feature, Manifest, Reading
from function.model.schema import value_type
from function.protocols.tables.cells import conversion
from model_training.bundling.building import Packed
from model_training.data.cells import reading as options
from model_training.scoring.cells import convert_cells
from model_training.scoring.notations import find_notations, noted_features
from model_training.scoring.rules import options_of

FEATURES = {
    "number": Feature("x", "number", nullable=True),
    "required number": Feature("x", "number"),
    "integer": Feature("x", "integer", nullable=True),
    "code": Feature("x", "integer", categories=(1, 2, 12)),
    "boolean": Feature("x", "boolean"),
    "category": Feature("x", "string", categories=("7", "12", "red", " blue", "NA"), nullable=True),
    "text": Feature("x", "string"),
    "date": Feature("x", "string", format="date", nullable=True),
    "time": Feature("x", "string", format="date-time"),
    "any": Feature("x", "any"),
}
READINGS = {
    "usual": CellReading(),
    "comma": CellReading(decimal=","),
    "point": CellReading(decimal="."),
    "named number": CellReading(kind="number"),
    "named boolean": CellReading(kind="boolean"),
    "named date": CellReading(kind="date", date_order="day"),
    "month first": CellReading(date_order="month"),
    "day first": CellReading(date_order="day"),
}
CELLS = (
    *("", "  ", "NA", "?", "nan", "NaN", "inf", "-Infinity", "1e31", "1e400", "null", "None"),
    *("7", "+7", "07", " 7 ", "7.0", "7.5", "-7.5", "1e3", "1E+3", ".5", "5.", "12"),
    *("9007199254740993", "1_000", "\u0667"),
    *("1,5", "1.5", "1,234", "1.234", "1,234.5", "1.234,5", "1 234,5", "1 234.5", "1'234.5", "12,34", "0.123", "0,123"),
    *("1,234,567", "1.234.567", "1.2345", "$5", "5 %", "-1.234,5", "+1,5", "1,5e3", ",5", "1,", "--5", "0x10"),
    *("true", "True", "YES", "no", "0", "1", "2", "red", "Red", " blue", "blue"),
    *("2024-05-31", "2024-5-1", "2024/05/31", "31/05/2024", "05/31/2024", "31.05.2024", "01/02/2024", "30/02/2024"),
    *("2024-05-31T00:00:00", "2024-05-31 13:45", "31/05/2024 13:45:00", "2024-05-31T13:45:00Z", "20240531", "x/y/z"),
)
READ_ALIKE = {
    ("number", "usual"): ("", "7", " 7 ", "+7", "1e3", ".5", "-7.5", "1e31", "inf", "9007199254740993"),
    ("number", "comma"): ("1,5", "7", "1.234,5", "1 234,5", "0,123", "-1.234,5", "1,5e3", ",5", "1.2345"),
    ("number", "point"): ("1.5", "1,234.5", "1,234", "1 234.5", "1'234.5", "1,234,567", "7"),
    ("number", "named number"): ("red", "", "7.5", "x/y/z"),
    ("integer", "usual"): ("7", "7.0", "9007199254740993", "1e3"),
    ("code", "usual"): ("12", "1", "2"),
    ("boolean", "usual"): ("true", "YES", "no", "0", "1"),
    ("boolean", "named boolean"): ("maybe", "red", ""),
    ("category", "usual"): ("red", " blue", "+7", " 7 ", "NA", "?", "blue", "Red"),
    ("text", "usual"): ("red", " 7 ", "2024-05-31"),
    ("date", "usual"): ("2024-05-31", "2024-5-1", "2024/05/31", "2024-05-31T00:00:00"),
    ("date", "month first"): ("05/31/2024", "01/02/2024"),
    ("date", "day first"): ("31/05/2024", "31.05.2024", "01/02/2024"),
    ("date", "named date"): ("31/05/2024", "x/y/z"),
    ("time", "day first"): ("31/05/2024 13:45:00",),
}


@pytest.fixture
def manifest(packed: Packed) -> Manifest:
    """A manifest, whose features and reading the tests replace."""
    return packed.manifest


def ours(cells: Sequence[str], feature: Feature, manifest: Manifest) -> list[Any]:
    """Read cells as a request's, and check them."""
    accept = Cell(value_type(feature), feature).accept
    return [accept(value) for value in conversion(manifest)(cells, feature)]


def scores(cell: str, feature: Feature, manifest: Manifest) -> Any:
    """Read a cell as `score` reads it in a file of its own, and check it."""
    found = options_of(manifest, options.Reading(), ".")
    if not noted_features([feature]):
        return Cell(value_type(feature), feature).accept(convert_cells([cell], feature, found["x"], None)[0])
    notations = find_notations(iter([{"x": pa.array([cell], pa.large_string())}]), {"x": feature}, found)
    (value,) = convert_cells([cell], feature, found["x"], notations.get("x"))
    return Cell(value_type(feature), feature).accept(value)


def same(value: Any, expected: Any, feature: Feature) -> bool:
    """Return whether two values are equal; of dates, whether they are the same time."""
    if feature.format is not UNSET and isinstance(value, str) and isinstance(expected, str):
        first, second = parse_times([value, expected])
        return bool(first == second)
    return (value, type(value)) == (expected, type(expected))


CASES = [(kind, reading) for kind in FEATURES for reading in READINGS if kind != "any" or reading == "usual"]
"""Features of any type are those of a bare joblib file, of which nothing is recorded."""


@pytest.mark.parametrize(("kind", "reading"), CASES)
def test_a_cell_means_what_score_reads_or_is_refused(kind: str, reading: str, manifest: Manifest) -> None:
    """Whatever the manifest says of its column."""
    feature = FEATURES[kind]
    changed = msgspec.structs.replace(
        manifest, features=(feature,), reading=Reading(missing=("?", "NA"), columns={"x": READINGS[reading]})
    )
    for cell in CELLS:
        (value,) = ours([cell], feature, changed)
        if value is not REFUSED or cell in READ_ALIKE.get((kind, reading), ()):
            assert same(value, scores(cell, feature, changed), feature), cell


def test_a_cell_never_depends_on_the_others(manifest: Manifest) -> None:
    """Each is read by itself."""
    feature = FEATURES["number"]
    for mark in (".", ","):
        changed = msgspec.structs.replace(
            manifest, features=(feature,), reading=Reading(columns={"x": CellReading(decimal=mark)})
        )
        alone = [ours([cell], feature, changed)[0] for cell in CELLS]
        assert ours(CELLS, feature, changed) == alone


def test_numbers_that_can_be_read_in_two_ways_are_refused(manifest: Manifest) -> None:
    """Unless the training data had that decimal mark."""
    cells, feature = ["1,234", "1.234", "5 %"], FEATURES["number"]
    expected = {"usual": [REFUSED, 1.234, REFUSED], "comma": [1.234, REFUSED, REFUSED], "point": [1234, 1.234, REFUSED]}
    for reading, values in expected.items():
        changed = msgspec.structs.replace(
            manifest, features=(feature,), reading=Reading(columns={"x": READINGS[reading]})
        )
        assert ours(cells, feature, changed) == values
