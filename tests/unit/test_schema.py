"""function/model/schema.py: the types made of a manifest, and the arrays made of their values."""

import weakref
from typing import Any

import msgspec
import numpy as np
import pytest

from function.model.manifest import Feature, FeatureType
from function.model.schema import Schema, array_of_any
from model_training.bundling.building import Packed


def schema_of(packed: Packed, *features: Feature) -> Schema:
    """Make the schema of a model with these features."""
    return Schema(msgspec.structs.replace(packed.manifest, features=features))


def rows_of(schema: Schema, rows: list[dict[str, Any]]) -> Any:
    """Decode rows as a request's are."""
    return msgspec.json.decode(msgspec.json.encode(rows), type=list[schema.Row])  # type: ignore[name-defined]


def test_a_column_has_its_features_type(packed: Packed) -> None:
    """Text stays text, integers are int64, numbers float64, booleans bool."""
    kinds: tuple[FeatureType, ...] = ("string", "integer", "number", "boolean")
    schema = schema_of(packed, *(Feature(name=kind, type=kind) for kind in kinds))
    columns = schema.columns(rows_of(schema, [{"string": "a", "integer": 1, "number": 2, "boolean": True}] * 3))
    assert [column.dtype for column in columns] == [np.dtype(t) for t in (object, np.int64, np.float64, np.bool_)]
    assert [column.shape for column in columns] == [(3,)] * 4


def test_a_feature_may_have_any_name(packed: Packed) -> None:
    """Spaces, keywords, dots and other alphabets are names like any other."""
    names = ["a b", "class", "x.y[0]", "année", "f0", "__init__"]
    schema = schema_of(packed, *(Feature(name=name, type="integer") for name in names))
    columns = schema.columns(rows_of(schema, [{name: i for i, name in enumerate(names)}]))
    assert [int(column[0]) for column in columns] == list(range(len(names)))


@pytest.mark.parametrize("row", [{"a": "z"}, {"a": 1}, {}, {"a": "x", "b": 1}, {"a": None}, ["x"]])
def test_what_is_no_category_does_not_decode(packed: Packed, row: Any) -> None:
    """Only the values that the model knows, and no other fields."""
    schema = schema_of(packed, Feature(name="a", type="string", categories=("x", "y")))
    with pytest.raises(msgspec.ValidationError):
        rows_of(schema, [row])


def test_null_is_nan_where_a_value_may_be_missing(packed: Packed) -> None:
    """Of every type; elsewhere it does not decode."""
    kinds: tuple[FeatureType, ...] = ("string", "integer", "number", "boolean")
    schema = schema_of(packed, *(Feature(name=kind, type=kind, nullable=True) for kind in kinds))
    columns = schema.columns(rows_of(schema, [dict.fromkeys(kinds)]))
    assert [bool(np.isnan(column[0])) for column in columns] == [True] * 4
    assert columns[1].dtype == columns[2].dtype == np.float64


def test_values_of_unknown_type_are_numbers_where_all_are() -> None:
    """Else objects; missing is NaN in both."""
    assert array_of_any([1.0, None]).dtype == np.float64
    assert array_of_any(["a", 1.0, None]).tolist()[:2] == ["a", 1.0]
    assert array_of_any([True, False]).dtype == object


def test_a_row_can_be_tried_beforehand(packed: Packed) -> None:
    """Whether a caller may send it."""
    schema = Schema(packed.manifest)
    assert schema.accepts(("UA", 7, "EWR", "evening"))
    assert not schema.accepts(("UA", 7, "SFO", "evening"))


def test_whole_numbers_may_be_written_with_a_point(packed: Packed) -> None:
    """7.0 is 7, exactly; 7.5 is no integer, and neither is what an int64 can't hold."""
    schema = schema_of(packed, Feature(name="n", type="integer"))
    body = b'[{"n":7},{"n":7.0},{"n":9007199254740993},{"n":-9e15}]'
    (column,) = schema.columns(msgspec.json.decode(body, type=list[schema.Row]))  # type: ignore[name-defined]
    assert column.tolist() == [7, 7, 9007199254740993, -9000000000000000]
    for wrong in (b'[{"n":7.5}]', b'[{"n":1e30}]', b'[{"n":9223372036854775808}]'):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(wrong, type=list[schema.Row])  # type: ignore[name-defined]


def test_what_is_made_of_a_schema_is_made_once_and_goes_with_it(packed: Packed) -> None:
    """However many models take turns."""
    made = []

    def make(schema: Schema) -> list[str]:
        made.append(schema.width)
        return schema.names

    schemas = [Schema(packed.manifest) for _ in range(9)]
    for schema in schemas * 2:
        assert schema.kept(make) is schema.names
    assert len(made) == len(schemas)
    one = weakref.ref(schemas.pop())
    del schema
    assert one() is None
