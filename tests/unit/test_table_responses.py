"""What responses that are tables hold, for each task and output; and how a request chooses its formats."""

import csv
import io
import json
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from function.errors import BadInput
from function.http.errors import NotAcceptable, UnsupportedMediaType
from function.http.formats.families import CALLS, INSTANCES, INVOCATIONS, ROWS, TENSORS
from function.http.formats.negotiation import Family, Sent, codec_of
from function.inference.codec import Encoded
from function.inference.prediction import explain, predict, predict_valid
from function.model.loaded import LoadedModel, load
from model_training.bundling.building import Packed
from tests.support.flights import FLIGHT
from tests.support.foreign_models import MODELS, Foreign
from tests.support.formats import ARROW, CSV, JSON, NDJSON
from tests.support.packed_models import packed_of
from tests.support.task_models import TASK_MODELS
from tests.support.task_models import rows as rows_of_tasks
from tests.support.variants import LIMIT

TASKS = {
    "binary": ["label", "probability", "explanation"],
    "multiclass": ["label", "probability", "explanation"],
    "regression": ["label", "explanation"],
    "isolation-forest": ["label", "score", "explanation"],
    "two-values": ["label"],
    "two-texts": ["label"],
    "three-flags": ["label"],
}


@pytest.fixture(scope="module", params=TASKS)
def case(request: pytest.FixtureRequest, packed: Packed) -> tuple[LoadedModel, list[dict[str, Any]], list[str]]:
    """A model of each task, rows for it, and the outputs that it has."""
    name = request.param
    if name == "binary":
        return load(packed.data, None, LIMIT), [FLIGHT, {**FLIGHT, "origin": "JFK"}], TASKS[name]
    foreign = MODELS[name]() if name in MODELS else Foreign(TASK_MODELS[name](), rows_of_tasks(), None)
    model = load(packed_of(foreign, name).data, None, LIMIT)
    rows = foreign.X.head(3)[model.schema.names].to_dict("records")
    return (
        model,
        [{str(key): None if pd.isna(value) else value for key, value in row.items()} for row in rows],
        TASKS[name],
    )


def answer(model: LoadedModel, body: bytes, family: Family = ROWS, query: bytes = b"", **headers: str) -> Encoded:
    """Respond to a request."""
    sent = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    codec = codec_of(family, Sent(sent, query, 1000))
    request = codec.decode(body, model)
    if request.kept is None:
        outputs = predict(request, model)
    else:
        request, outputs = predict_valid(request, model)
    if request.explain:
        outputs = explain(request, outputs, model)
    return codec.encode(request, outputs, model)


def test_tables_hold_what_json_holds(case: tuple[LoadedModel, list[dict[str, Any]], list[str]]) -> None:
    """Under the names of `score`'s columns; an explanation is spread over columns."""
    model, instances, outputs = case
    body = json.dumps({"instances": instances}).encode()
    for output in outputs:
        query = f"output={output}".encode()
        values = json.loads(answer(model, body, query=query).body)["predictions"]
        lines = [json.loads(line) for line in answer(model, body, query=query, accept=NDJSON).body.splitlines()]
        assert lines == (values if output == "explanation" else [{"prediction": value} for value in values])
        expected = [flat(value, output, model) for value in values]
        arrow = answer(model, body, query=query, accept=ARROW)
        assert pa.ipc.open_stream(arrow.body).read_all().to_pylist() == expected
        text = answer(model, body, query=query, accept=CSV).body.decode()
        read = list(csv.DictReader(io.StringIO(text)))
        assert [list(row) for row in read] == [list(row) for row in expected]
        assert [list(row.values()) for row in read] == [[str(value) for value in row.values()] for row in expected]


def flat(value: Any, output: str, model: LoadedModel) -> dict[str, Any]:
    """Write a prediction in JSON as a row of a table."""
    if output == "explanation":
        found = {"prediction": value["prediction"], **flat(value.get("probability", {}), "probability", model)}
        found |= {key: value[key] for key in ("score", "class", "baseline") if key in value}
        return found | {f"contribution_{name}": number for name, number in value["contributions"].items()}
    if isinstance(value, list):
        return {
            f"prediction_{each.name}": one for each, one in zip(model.manifest.predicted_outputs, value, strict=True)
        }
    if isinstance(value, dict):
        return {f"{output}_{name}": number for name, number in value.items()}
    return {"prediction" if output == "label" else output: value}


def test_several_outputs_are_records_of_mlflow(case: tuple[LoadedModel, list[dict[str, Any]], list[str]]) -> None:
    """With the names of the outputs; of other models, the prediction itself."""
    model, instances, _ = case
    labels = json.loads(answer(model, json.dumps({"instances": instances}).encode()).body)["predictions"]
    records = json.loads(answer(model, json.dumps({"dataframe_records": instances}).encode(), INVOCATIONS).body)
    names = [each.name for each in model.manifest.predicted_outputs]
    expected = [dict(zip(names, label, strict=True)) for label in labels] if names else labels
    assert records == {"predictions": expected}


BAD = {"carrier": "ZZ"}


def test_skipped_rows_are_empty(packed: Packed) -> None:
    """In each format, invalid rows have null, and the others keep their places."""
    model = load(packed.data, None, LIMIT)
    lines = b"\n".join(json.dumps(row).encode() for row in (BAD, FLIGHT, BAD)) + b"\nnot JSON\n"
    header = ",".join(FLIGHT)
    text = f"{header}\nZZ,7,EWR,evening\n{','.join(map(str, FLIGHT.values()))}\nUA\n\nUA,7,EWR,never\n".encode()
    for media_type, body in ((NDJSON, lines), (CSV, text)):
        options: dict[str, Any] = {"query": b"on_error=null", "content_type": media_type}
        assert json.loads(answer(model, body, accept=JSON, **options).body) == {"predictions": [None, 0, None, None]}
        table = pa.ipc.open_stream(answer(model, body, accept=ARROW, **options).body).read_all()
        assert table["prediction"].to_pylist() == [None, 0, None, None]
        assert answer(model, body, accept=CSV, **options).body == b'prediction\n""\n0\n""\n""\n'
        assert answer(model, body, accept=NDJSON, **options).body.count(b'{"prediction":null}') == 3


@pytest.mark.parametrize(
    ("query", "place"),
    [
        (b"output=logits", "query.output: expected one of"),
        (b"output=", "query.output: expected one of"),
        (b"output=label&output=label", "query.output: expected one of"),
        (b"on_error=ignore", "query.on_error: expected one of"),
        (b"output=score", "only models that detect outliers have scores"),
    ],
)
def test_options_in_the_query_string_are_checked(packed: Packed, query: bytes, place: str) -> None:
    """The error names the option, and what is allowed; other fields are for others."""
    model = load(packed.data, None, LIMIT)
    with pytest.raises(BadInput, match=place):
        answer(model, json.dumps(FLIGHT).encode(), query=query, content_type=NDJSON)
    assert answer(model, json.dumps(FLIGHT).encode(), query=b"key=1&x", content_type=NDJSON).body
    body = json.dumps({"instances": [FLIGHT], "parameters": {"output": "label"}}).encode()
    assert answer(model, body, query=b"output=probability").body == b'{"predictions":[0]}'


@pytest.mark.parametrize("content_type", ["text/plain", "text/csv; charset=latin-1", "text/csv; header=maybe", ""])
def test_other_content_types_are_refused(content_type: str) -> None:
    """With what is allowed."""
    with pytest.raises(UnsupportedMediaType):
        codec_of(ROWS, Sent({b"content-type": content_type.encode()}, b"", 1))


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/csv;q=0.5, application/json", JSON),
        ("text/csv, application/json;q=0.5", f"{CSV}; charset=utf-8; header=present"),
        ("text/csv; header=absent", f"{CSV}; charset=utf-8; header=absent"),
        ("application/x-ndjson", NDJSON),
        ("application/vnd.apache.arrow.stream", ARROW),
        ("text/*", f"{CSV}; charset=utf-8; header=present"),
        ("*/*;q=0.1", JSON),
        ("text/html, */*;q=0.8", JSON),
    ],
)
def test_accept_decides_the_response(packed: Packed, accept: str, media_type: str) -> None:
    """By quality, then by the format of the body."""
    model = load(packed.data, None, LIMIT)
    assert answer(model, json.dumps({"instances": [FLIGHT]}).encode(), accept=accept).media_type == media_type


def test_where_there_is_one_format_accept_is_not_considered() -> None:
    """Else a caller that accepts none of several gets the list of them."""
    sent = Sent({b"accept": b"image/png"}, b"", 1)
    for family in (ROWS, INVOCATIONS):
        with pytest.raises(NotAcceptable, match="text/csv"):
            codec_of(family, sent)
    for family in (INSTANCES, TENSORS, CALLS):
        assert codec_of(family, sent)
