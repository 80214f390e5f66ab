"""function/protocols/open_inference/: tensors as bytes behind the JSON, and what the same values give as JSON."""

import json
import math
import struct
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import pytest

from function.errors import BadInput, Fault
from function.http.formats.families import TENSORS
from function.http.formats.negotiation import Sent, codec_of
from function.inference.prediction import predict
from function.inference.query import Query
from function.model.loaded import LoadedModel, load
from function.model.manifest import Feature
from function.model.schema import Codes, Schema
from function.protocols.open_inference import binary, inference
from model_training.bundling.building import Packed
from tests.support.binary_tensors import HEADER, as_binary, read_outputs, with_tensors
from tests.support.damaged_tensors import damaged
from tests.support.flights import columns

TOWNS = ("Lima", "Quito", "Santiago de Chile", "São Paulo", "")
NOTES = ["late", "", "sehr spät", "a\x00b", "x" * 300, "Lima", "日本"]
INTEGERS = ("INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64")
FLOATS = ("FP16", "BF16", "FP32", "FP64")


@pytest.fixture(scope="module")
def flights(packed: Packed) -> LoadedModel:
    """The default model."""
    return load(packed.data, None, 2**28)


class Coder(dict[Any, int]):
    """Codes of a plan: those of the values that it knows, of a missing value and of all others."""

    def __missing__(self, value: Any) -> int:
        return len(self) if value is None or value != value else len(self) + 1  # noqa: PLR0124


def model_of(flights: LoadedModel, *features: Feature, coded: Sequence[int] = (), **changes: Any) -> LoadedModel:
    """Make a model that decodes rows of these features; `coded` are the positions of those that become codes."""
    manifest = msgspec.structs.replace(flights.manifest, features=features, **changes)
    codes: dict[int, Codes] = {
        i: Coder({value: code for code, value in enumerate(features[i].categories or (1, 2.5, True))}) for i in coded
    }
    return msgspec.structs.replace(flights, manifest=manifest, schema=Schema(manifest, codes))


def tensor(name: str, datatype: str, data: Sequence[Any], *shape: int) -> dict[str, Any]:
    """Make a tensor of a request of JSON."""
    values = [float(value) if datatype in FLOATS and value is not None else value for value in data]
    return {"name": name, "shape": list(shape) or [len(data)], "datatype": datatype, "data": values}


def from_json(model: LoadedModel, *tensors: dict[str, Any]) -> Query:
    """Decode a request of JSON."""
    return inference.decode(json.dumps({"inputs": tensors}).encode(), model)


def from_binary(model: LoadedModel, *tensors: dict[str, Any], names: Sequence[str] | None = None) -> Query:
    """Decode the same request with the tensors behind the JSON, or only those of some names."""
    body, headers = as_binary({"inputs": tensors}, names)
    return inference.decode_binary(headers[HEADER].encode(), body, model)


def outcome(decode: Callable[..., Query], model: LoadedModel, *tensors: dict[str, Any]) -> Query | tuple[Fault, ...]:
    """Return the query, or the faults."""
    try:
        return decode(model, *tensors)
    except BadInput as error:
        return error.faults


def assert_same(model: LoadedModel, *tensors: dict[str, Any]) -> None:
    """Compare the columns or vectors bit by bit, or the faults."""
    wanted, found = outcome(from_json, model, *tensors), outcome(from_binary, model, *tensors)
    if not isinstance(wanted, Query) or not isinstance(found, Query):
        assert found == wanted
        return
    assert found.rows == wanted.rows
    if wanted.columns is None:
        kind = object if any(isinstance(value, str) for row in wanted.vectors for value in row) else float
        ours, theirs = np.array(found.vectors, kind), np.array(wanted.vectors, kind)
        assert ours.tolist() == theirs.tolist() if kind is object else ours.tobytes() == theirs.tobytes()
        return
    for ours, theirs in zip(found.columns or (), wanted.columns, strict=True):
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        assert ours.flags.writeable or not theirs.flags.writeable
        if theirs.dtype == object:
            assert list(map(repr, ours)) == list(map(repr, theirs))
            assert list(map(type, ours)) == list(map(type, theirs))
        else:
            assert ours.tobytes() == theirs.tobytes()


CATEGORIES = (3, -7, 2**40, 12)
FEATURES = {
    "number": Feature(name="x", type="number"),
    "number or null": Feature(name="x", type="number", nullable=True),
    "integer": Feature(name="x", type="integer"),
    "integer or null": Feature(name="x", type="integer", nullable=True),
    "categories": Feature(name="x", type="integer", categories=CATEGORIES),
    "categories or null": Feature(name="x", type="integer", categories=CATEGORIES, nullable=True),
    "open categories": Feature(name="x", type="integer", categories=CATEGORIES, unknown="open"),
    "open categories or null": Feature(name="x", type="integer", categories=CATEGORIES, unknown="open", nullable=True),
    "any": Feature(name="x", type="any"),
    "boolean": Feature(name="x", type="boolean"),
    "boolean or null": Feature(name="x", type="boolean", nullable=True),
    "text": Feature(name="x", type="string"),
    "text or null": Feature(name="x", type="string", nullable=True),
    "date": Feature(name="x", type="string", format="date-time", nullable=True),
    "towns": Feature(name="x", type="string", categories=TOWNS),
    "open towns": Feature(name="x", type="string", categories=TOWNS, unknown="open", nullable=True),
    "mixed": Feature(name="x", type="string", categories=("1", 1)),
}
WHOLE: dict[str, list[Any]] = {
    **{name: [0, 3, 12, 3, 1, 100] for name in (*INTEGERS, *FLOATS)},
    "INT64": [0, 3, -7, 2**40, 2**63 - 1, -(2**63), 2**53 + 1],
    "UINT64": [0, 3, 2**40, 2**63 - 1],
    "FP64": [0.0, -0.0, 3.0, 2.0**40, 2.0**62],
}
CASES: list[tuple[str, list[Any]]] = [
    *WHOLE.items(),
    *[(datatype, [3, 12, 3]) for datatype in (*INTEGERS, *FLOATS)],
    ("UINT64", [3, 2**63]),
    ("UINT64", [2**64 - 1]),
    *[(datatype, [1.5, -0.25, 0.0]) for datatype in FLOATS],
    *[(datatype, [3.0, None, 12.0]) for datatype in FLOATS],
    ("FP64", [None, None]),
    ("FP64", [0.1, 1e30, -1e30, 5e-324]),
    ("FP64", [1.0, 1.1e30]),
    ("FP32", [float(np.float32(1e30))]),
    ("FP32", [float(np.float32(9e29))]),
    ("FP64", [1e300, None, 0.5]),
    ("FP64", [2.0**63 - 2**10, -(2.0**63 - 2**10)]),
    ("FP64", [2.0**63, 1.0]),
    ("BOOL", [True, False, True]),
    ("BYTES", list(TOWNS) * 3),
    ("BYTES", ["Lima", "Quito", "Lima"]),
    ("BYTES", [*NOTES, "Quito"]),
    ("BYTES", ["2024-05-31T13:45:00Z", "1999-01-01"]),
    ("BYTES", ["2024-05-31", "2023-02-29"]),
    ("BYTES", ["1", "1"]),
    *[(datatype, []) for datatype in ("FP64", "INT64", "BOOL", "BYTES")],
]


@pytest.mark.parametrize("coded", [False, True], ids=["values", "codes"])
@pytest.mark.parametrize("name", FEATURES)
def test_a_column_is_that_of_json(flights: LoadedModel, name: str, coded: bool) -> None:  # noqa: FBT001
    """Of every type of feature and datatype: the same array bit by bit, or the same faults; in every shape."""
    model = model_of(flights, FEATURES[name], coded=[0] if coded else [])
    for datatype, data in CASES:
        assert_same(model, tensor("x", datatype, data))
        assert_same(model, tensor("x", datatype, data, len(data), 1))


@pytest.mark.parametrize("name", FEATURES)
def test_a_matrix_of_features_is_that_of_json(flights: LoadedModel, name: str) -> None:
    """Rows of two features, the other a number or text; the places in faults are of row and column."""
    for other in (Feature(name="y", type="number", nullable=True), Feature(name="y", type="string")):
        model = model_of(flights, FEATURES[name], other)
        for datatype, data in CASES:
            assert_same(
                model, tensor("rows", datatype, [each for value in data for each in (value, value)], len(data), 2)
            )


@pytest.mark.parametrize("width", [1, 3])
def test_vectors_are_those_of_json(flights: LoadedModel, width: int) -> None:
    """Of a model of two stages, whose vectors are numbers, and of one, whose values may be missing."""
    encoded = tuple(f"e{i}" for i in range(width))
    model = model_of(flights, *(Feature(name=name, type="string") for name in "abcd"), encoded=encoded)
    nameless = model_of(flights, stages=1, encoded=encoded)
    for datatype, data in CASES:
        repeated = [each for value in data for each in [value] * width]
        assert_same(model, tensor("vectors", datatype, repeated, len(data), width))
        assert_same(nameless, tensor("vectors", datatype, repeated, len(data), width))


def test_json_and_binary_inputs_mix(flights: LoadedModel) -> None:
    """Whichever is behind the JSON; also features that are left out, and unknown inputs that are ignored."""
    features = (
        Feature(name="town", type="string", categories=TOWNS, unknown="open"),
        Feature(name="n", type="integer", categories=CATEGORIES, nullable=True),
        Feature(name="x", type="number", nullable=True),
        Feature(name="note", type="string", default="none"),
    )
    model = model_of(flights, *features, coded=[0, 1], unknown_fields="ignore")
    tensors = [
        tensor("more", "BYTES", [b"\xff".decode("latin-1")] * 3),
        tensor("x", "FP32", [0.5, None, 1.0]),
        tensor("town", "BYTES", ["Lima", "Oslo", "Quito"], 3, 1),
        tensor("n", "UINT8", [3, 12, 3]),
    ]
    wanted = from_json(model, *tensors)
    for names in (None, [], ["x"], ["town"], ["n", "town"], ["more", "n"]):
        found = from_binary(model, *tensors, names=names)
        for ours, theirs in zip(found.columns or (), wanted.columns or (), strict=True):
            assert (ours.dtype, ours.tolist()) == (theirs.dtype, pytest.approx(theirs.tolist(), nan_ok=True))


def test_the_example_of_the_specification_is_read() -> None:
    """https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol/binary-tensor-data-extension."""
    head = b"""{
      "model_name" : "mymodel",
      "inputs" : [
        {"name" : "input0", "shape" : [ 2, 2 ], "datatype" : "UINT32", "parameters" : {"binary_data_size" : 16}},
        {"name" : "input1", "shape" : [ 3 ], "datatype" : "BOOL", "parameters" : {"binary_data_size" : 3}}
      ],
      "outputs" : [{"name" : "output0", "parameters" : {"binary_data" : true}}]
    }"""
    body = head + struct.pack("<4I", 1, 2, 3, 2**32 - 1) + bytes([1, 0, 1])
    length = binary.length_of_json(str(len(head)).encode(), body)
    request = inference.REQUESTS.decode(body[:length])
    first, second = binary.read_inputs(request.inputs, body[length:])
    assert (first.shape, np.asarray(first.values).tolist()) == ([2, 2], [1, 2, 3, 2**32 - 1])
    assert (second.shape, np.asarray(second.values).tolist()) == ([3], [True, False, True])
    assert [inference.is_binary(output, default=False) for output in request.outputs or ()] == [True]


@pytest.mark.parametrize(
    ("header", "length"),
    [(b"7", 7), (b" 10 ", 10), (b"007", 7), (b"0", 0), (b"0" * 5000, 0), (b"0" * 5000 + b"7", 7)],
)
def test_a_length_is_read_however_it_is_written(header: bytes, length: int) -> None:
    """With spaces around it, and with zeros before it."""
    assert binary.length_of_json(header, bytes(10)) == length


@pytest.mark.parametrize("header", [b"", b"x", b"-1", b"1.0", b"11", b"9" * 5000, b"0" * 5000 + b"11", "²".encode()])
def test_a_length_may_be_invalid(header: bytes) -> None:
    """No number, or more than the body has."""
    with pytest.raises(BadInput) as caught:
        binary.length_of_json(header, bytes(10))
    assert HEADER in str(caught.value)


def test_the_response_of_the_specification_is_written() -> None:
    """Values of every datatype that outputs have, row by row."""
    table = np.array([[1.5, -2.0], [3.25, 0.0], [5.0, 1e30]])
    assert binary.write_values(table, "FP64") == struct.pack("<6d", *table.reshape(-1))
    assert binary.write_values(table.T, "FP64") == struct.pack("<6d", *table.T.reshape(-1))
    assert binary.write_values(np.array([1, -(2**63)]), "INT64") == struct.pack("<2q", 1, -(2**63))
    assert binary.write_values(np.array([True, False]), "BOOL") == b"\x01\x00"
    texts = np.array([["late", ""], ["é", "late"]], object)
    assert binary.write_values(texts, "BYTES") == b"\4\0\0\0late\0\0\0\0\2\0\0\0\xc3\xa9\4\0\0\0late"
    assert binary.write_values(texts[:0], "BYTES") == b""


@pytest.mark.parametrize(
    ("parameters", "outputs", "follows"),
    [
        (None, None, {"predict": False, "predict_proba": False}),
        ({"binary_data_output": True}, None, {"predict": True, "predict_proba": True}),
        ({"binary_data_output": False}, [], {"predict": False, "predict_proba": False}),
        ({"binary_data_output": True}, [{"name": "predict_proba"}], {"predict_proba": True}),
        (
            {"binary_data_output": True, "more": [1]},
            [{"name": "predict_proba", "parameters": {"binary_data": False, "more": 1}}, {"name": "predict"}],
            {"predict_proba": False, "predict": True},
        ),
        (
            None,
            [{"name": "predict", "parameters": {"binary_data": True}}, {"name": "predict_proba"}],
            {"predict": True},
        ),
    ],
)
def test_outputs_follow_the_json_as_asked(
    flights: LoadedModel, parameters: Any, outputs: Any, follows: dict[str, bool]
) -> None:
    """An output's own parameter decides, then the request's; the values are those of JSON bit by bit."""
    request = {**columns(3), "id": "42"}
    query = inference.decode(json.dumps(request).encode(), flights)
    wanted = read_outputs(inference.encode(query, predict(query, flights), flights).body, None)
    asked = {**request, "parameters": parameters, "outputs": outputs}
    query = inference.decode(json.dumps(asked).encode(), flights)
    encoded = inference.encode(query, predict(query, flights), flights)
    length = encoded.headers.get(HEADER)
    found = read_outputs(encoded.body, length)
    assert {name: wanted[name] for name in found} == found
    tensors = json.loads(encoded.body[: int(length) if length else None])["outputs"]
    assert {tensor["name"]: "data" not in tensor for tensor in tensors}.items() >= follows.items()
    binary_type = ("application/octet-stream", True) if any(follows.values()) else ("application/json", False)
    assert (encoded.media_type, length is not None) == binary_type


@pytest.mark.parametrize(
    ("feature", "body", "values"),
    [
        (Feature(name="x", type="number", nullable=True), struct.pack("<2d", 0.5, math.nan), [0.5, None]),
        (Feature(name="x", type="integer"), struct.pack("<2q", 7, -7), [7, -7]),
        (Feature(name="x", type="boolean"), b"\1\0\1", [True, False, True]),
        (Feature(name="x", type="string"), b"late again", ["late again"]),
        (Feature(name="x", type="string"), b"", [""]),
        (Feature(name="x", type="number"), b"", []),
    ],
)
def test_a_raw_body_is_the_one_input(flights: LoadedModel, feature: Feature, body: bytes, values: list[Any]) -> None:
    """Rows of the datatype that the metadata have, or a single text; all outputs follow the JSON."""
    model = model_of(flights, feature)
    query = inference.decode_binary(b"0", body, model)
    datatype = {"number": "FP64", "integer": "INT64", "boolean": "BOOL", "string": "BYTES"}[feature.type]
    wanted = from_json(model, tensor("x", datatype, values))
    assert query.options.outputs == [("predict", True), ("predict_proba", True)]
    for ours, theirs in zip(query.columns or (), wanted.columns or (), strict=True):
        assert (ours.dtype, list(map(repr, ours))) == (theirs.dtype, list(map(repr, theirs)))


def test_a_raw_body_may_be_vectors(flights: LoadedModel) -> None:
    """Of a model that names no features."""
    model = model_of(flights, encoded=("a", "b"))
    query = inference.decode_binary(b"0", struct.pack("<4d", 1, 2, 3, 4), model)
    assert np.array(query.vectors).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("features", "body", "words"),
    [
        ([Feature(name="x", type="number"), Feature(name="y", type="number")], bytes(16), "with one input; this has 2"),
        ([Feature(name="x", type="number")], bytes(9), "not a multiple of 8 bytes"),
        ([Feature(name="x", type="boolean")], b"\2", "inputs[0][0]: expected a byte of 0 or 1"),
        ([Feature(name="x", type="string")], b"\xff", "inputs.x[0]: expected text in UTF-8"),
        ([Feature(name="x", type="number")], struct.pack("<2d", 0, math.nan), "inputs.x[1]: expected a number"),
    ],
)
def test_a_raw_body_may_be_invalid(flights: LoadedModel, features: list[Feature], body: bytes, words: str) -> None:
    """Its size, or what is in it."""
    with pytest.raises(BadInput) as caught:
        inference.decode_binary(b"0", body, model_of(flights, *features))
    assert words in str(caught.value)


def test_an_open_feature_of_any_size_makes_no_rows_that_were_not_sent(flights: LoadedModel) -> None:
    """A declared shape allocates nothing, even if no input is that of a feature."""
    features = [Feature(name=name, type="number", nullable=True) for name in ("x", "y")]
    model = model_of(flights, *features, unknown_fields="ignore")
    for name, shape in (("y", [10**12]), ("more", [10**12]), ("more", [10**12, 0])):
        sent = {"name": name, "shape": shape, "datatype": "FP64"}
        with pytest.raises(BadInput) as caught:
            inference.decode(json.dumps({"inputs": [{**sent, "data": []}]}).encode(), model)
        assert "shape" in str(caught.value)
        body, headers = with_tensors({"inputs": [{**sent, "parameters": {"binary_data_size": 0}}]})
        with pytest.raises(BadInput) as caught:
            inference.decode_binary(headers[HEADER].encode(), body, model)
        assert "shape" in str(caught.value)


def test_every_damaged_body_is_refused_with_its_place_and_little_memory(flights: LoadedModel) -> None:
    """No length that a body declares is allocated."""
    tracemalloc.start()
    try:
        for each in damaged(400):
            if each.kind == "gzip":  # That is found before.
                continue
            headers = {name.lower().encode(): value.encode("latin-1") for name, value in each.headers.items()}
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            with pytest.raises(BadInput) as caught:
                codec_of(TENSORS, Sent(headers, b"", 50_000)).decode(each.body, flights)
            _, peak = tracemalloc.get_traced_memory()
            assert each.place in str(caught.value), each
            assert peak - before < 1_000_000, each
    finally:
        tracemalloc.stop()
