"""The HTTP surface, through real `functions-framework` processes over ASGI and over WSGI."""

import gzip
import json
import socket
from typing import Any

import httpx
import pytest

from model_training.bundling.building import Packed
from tests.support.flights import EXAMPLE, FLIGHT
from tests.support.function_process import FunctionProcess
from tests.support.targets import MAX_ROWS


def post(function: FunctionProcess, content: Any, path: str = "/predict", **options: Any) -> httpx.Response:
    """Post a JSON document, or bytes as they are."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = {"Content-Type": "application/json", **options.pop("headers", {})}
    return function.client.post(path, content=body, headers=headers)


@pytest.mark.parametrize("path", ["/", "/predict", "/predict/"])
def test_the_original_contract(function: FunctionProcess, path: str, packed: Packed) -> None:
    """The original service's example array is not delayed, to the byte."""
    response = post(function, {"test_array": EXAMPLE}, path)
    assert (response.status_code, response.content) == (200, b'{"prediction":0}')
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-model-version"] == packed.manifest.version


def test_rows_of_named_features(function: FunctionProcess) -> None:
    """A label each, in order; none for none."""
    assert post(function, {"instances": [FLIGHT]}).json() == {"predictions": [0]}
    assert post(function, {"instances": []}).json() == {"predictions": []}
    assert len(post(function, {"instances": [FLIGHT] * 3}).json()["predictions"]) == 3


def test_probabilities_are_those_of_scikit_learn(function: FunctionProcess, packed: Packed) -> None:
    """The golden rows hold what scikit-learn said of them in training."""
    golden, names = packed.manifest.golden, [feature.name for feature in packed.manifest.features]
    assert golden is not None
    rows = [dict(zip(names, row, strict=True)) for row in golden.rows]
    answer = post(function, {"instances": rows, "parameters": {"output": "probability"}}).json()
    assert golden.probabilities is not None
    assert answer["predictions"] == pytest.approx([p[1] for p in golden.probabilities], abs=1e-5)


def test_encoded_rows(function: FunctionProcess) -> None:
    """An instance may be an encoded vector; a single one too gives a probability."""
    probability = {"parameters": {"output": "probability"}}
    many = post(function, {"instances": [EXAMPLE, EXAMPLE], **probability}).json()["predictions"]
    one = post(function, {"test_array": EXAMPLE, **probability}).json()["prediction"]
    assert many == [one, one]
    assert 0 < one < 0.5


def test_a_large_batch_is_predicted(function: FunctionProcess) -> None:
    """Up to the limit of rows, which is far more than fits one small body."""
    answer = post(function, {"instances": [FLIGHT] * MAX_ROWS}).json()
    assert answer["predictions"] == [0] * MAX_ROWS


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"instances": [FLIGHT, {**FLIGHT, "carrier": "ZZ"}]}, ["instances[1].carrier", '"UA"', '"VX"']),
        ({"instances": [{**FLIGHT, "month": 13}]}, ["instances[0].month", "1, 2, 3"]),
        ({"instances": [{**FLIGHT, "month": "7"}]}, ["instances[0].month", "1, 2, 3"]),
        ({"instances": [{**FLIGHT, "month": None}]}, ["instances[0].month", "1, 2, 3"]),
        ({"instances": [{"carrier": "UA"}]}, ["instances[0].month", "missing"]),
        ({"instances": [{**FLIGHT, "gate": 7}]}, ["instances[0].gate", "unknown", "carrier, month, origin, period"]),
        ({"instances": [7]}, ["instances[0]", "carrier, month, origin, period", "exactly 37"]),
        ({"instances": {}}, ["instances", "an array"]),
        ({"instances": [FLIGHT, EXAMPLE]}, ["instances", "not a mixture"]),
        ({"instances": [EXAMPLE[1:]]}, ["instances[0]", "exactly 37"]),
        ({"test_array": EXAMPLE[1:]}, ["test_array", "exactly 37"]),
        ({"test_array": [*EXAMPLE, 0]}, ["test_array", "exactly 37"]),
        ({"test_array": [*EXAMPLE[1:], "1"]}, ["test_array[36]", "a number"]),
        ({"test_array": [*EXAMPLE[1:], None]}, ["test_array[36]", "a number"]),
        ({"test_array": [1e308, *EXAMPLE[1:]]}, ["test_array[0]", "1e+30"]),
        ({"test_array": "text"}, ["test_array", "an array"]),
        ({"test_array": None}, ["test_array", "an array"]),
        ({"inputs": [FLIGHT, {**FLIGHT, "month": 13}]}, ["inputs[1].month", "1, 2, 3"]),
        ({"inputs": [FLIGHT], "instances": [FLIGHT]}, ["exactly one of test_array, instances and inputs"]),
        ({"test_array": EXAMPLE, "instances": [FLIGHT]}, ["exactly one of test_array, instances and inputs"]),
        ({}, ["exactly one of test_array, instances and inputs"]),
        ({"what": 1}, ["what", "unknown", "test_array"]),
        ({"instances": [FLIGHT], "parameters": {"output": "x"}}, ["parameters.output", '"label", "probability"']),
        ([], ["an object with"]),
        (b"", ["not valid JSON"]),
        (b"hello", ["not valid JSON"]),
        (b'{"test_array": [NaN]}', ["JSON has no NaN", "Send null"]),
        (b'{"test_array": [1e400]}', ["test_array[0]", "a number"]),
        (b'{"instances": [{"carrier": "\xff\xfe"}]}', ["not valid UTF-8"]),
        (b"[" * 100_000 + b"]" * 100_000, ["an object with"]),
        (b'{"test_array":' + b"[" * 100_000 + b"]" * 100_000 + b"}", ["nested too deeply"]),
    ],
)
def test_bad_input_is_a_422_that_names_the_place(function: FunctionProcess, body: Any, words: list[str]) -> None:
    """And what is allowed there, in the original service's shape with a sentence."""
    response = post(function, body)
    assert response.status_code == 422
    answer = response.json()
    assert set(answer) == {"error", "detail"}
    assert set(answer["detail"][0]) == {"loc", "msg", "type"}
    assert answer["detail"][0]["loc"][0] == "body"
    for word in words:
        assert word in answer["error"]


def test_the_callers_values_are_not_repeated(function: FunctionProcess) -> None:
    """Neither in the sentence nor in the detail."""
    for row in ({**FLIGHT, "carrier": "<secret>"}, {**FLIGHT, "month": 987654321}):
        text = post(function, {"instances": [row]}).text
        assert "secret" not in text
        assert "987654321" not in text


@pytest.mark.parametrize("declared", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "x"])
def test_another_content_type_is_a_415(function: FunctionProcess, declared: str) -> None:
    """With a sentence that says what to send."""
    response = post(function, {"test_array": EXAMPLE}, headers={"Content-Type": declared})
    assert response.status_code == 415
    assert "application/json" in response.json()["error"]


@pytest.mark.parametrize("declared", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_by_another_spelling_is_json(function: FunctionProcess, declared: str) -> None:
    """Parameters and capitals do not matter."""
    assert post(function, {"test_array": EXAMPLE}, headers={"Content-Type": declared}).status_code == 200


def test_no_content_type_is_json(function: FunctionProcess) -> None:
    """Some clients send none."""
    body = json.dumps({"test_array": EXAMPLE}).encode()
    request = b"POST /predict HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert b'{"prediction":0}' in exchange(function, request + body)


def test_too_many_rows_are_a_413(function: FunctionProcess) -> None:
    """The error has the limit."""
    response = post(function, {"instances": [FLIGHT] * (MAX_ROWS + 1)})
    assert response.status_code == 413
    assert f"limit of a request is {MAX_ROWS} rows" in response.json()["error"]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [8 * 2**20 + 1, 20 * 2**20])
def test_a_body_over_the_limit_is_a_413_that_its_sender_can_read(
    function: FunctionProcess, size: int, *, chunked: bool
) -> None:
    """Although it sends on; whether or not it says beforehand how much."""
    body = b" " * size
    content = iter([body[i : i + 65536] for i in range(0, size, 65536)]) if chunked else body
    response = function.client.post("/predict", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 413
    assert "8388608 bytes" in response.json()["error"]
    assert post(function, {"test_array": EXAMPLE}).status_code == 200


def test_the_original_load_script(function: FunctionProcess) -> None:
    """What wrk posts by it, its body made valid JSON; as published, in single quotes, it is a 422."""
    head = b"POST /predict/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    body = json.dumps({"test_array": EXAMPLE}).encode()
    assert exchange(function, head % len(body) + body).endswith(b'{"prediction":0}')
    published = body.replace(b"[", b"'[").replace(b"]", b"]'")
    assert exchange(function, head % len(published) + published).startswith(b"HTTP/1.1 422")


@pytest.mark.parametrize("spelling", ["gzip", "GZIP", "x-gzip"])
def test_a_gzip_body_is_inflated(function: FunctionProcess, spelling: str) -> None:
    """Whatever its size; its limit is that of what it inflates to."""
    for rows in (1, MAX_ROWS):
        body = gzip.compress(json.dumps({"instances": [FLIGHT] * rows}).encode(), mtime=0)
        response = post(function, body, headers={"Content-Encoding": spelling})
        assert response.json() == {"predictions": [0] * rows}
    bomb = gzip.compress(bytes(8 * 2**20 + 1), mtime=0)
    response = post(function, bomb, headers={"Content-Encoding": spelling})
    assert (response.status_code, "8388608 bytes" in response.json()["error"]) == (413, True)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"",
        gzip.compress(b"{}", mtime=0)[:-1],
        gzip.compress(b"{}", mtime=0) + b"more",
        b"\x1f\x8b\x08" + bytes(20),
    ],
)
def test_a_body_that_is_not_gzip_is_a_422(function: FunctionProcess, body: bytes) -> None:
    """If it is declared as such."""
    response = post(function, body, headers={"Content-Encoding": "gzip"})
    assert (response.status_code, "gzip" in response.json()["error"]) == (422, True)


def test_another_encoding_is_a_415(function: FunctionProcess) -> None:
    """With the one that is supported; identity is none."""
    body = json.dumps({"test_array": EXAMPLE}).encode()
    response = post(function, body, headers={"Content-Encoding": "br"})
    assert (response.status_code, "gzip" in response.json()["error"]) == (415, True)
    assert post(function, body, headers={"Content-Encoding": "identity"}).status_code == 200


def test_every_response_has_the_id_of_its_request(function: FunctionProcess) -> None:
    """The caller's; else that of its trace; else one of its own."""
    trace = "0123456789abcdef0123456789abcdef"
    for path in ("/health", "/no", "/docs", "/model"):
        assert function.client.get(path, headers={"X-Request-Id": "mine-7"}).headers["x-request-id"] == "mine-7"
    for name, value in (("X-Cloud-Trace-Context", f"{trace}/1"), ("Traceparent", f"00-{trace}-00000000000000ff-01")):
        assert function.client.get("/health", headers={name: value}).headers["x-request-id"] == trace
    made = {
        function.client.get("/health", headers={"X-Request-Id": bad}).headers["x-request-id"] for bad in ("", "a b")
    }
    assert len(made) == 2
    assert all(len(each) == 32 for each in made)


@pytest.mark.parametrize("path", ["/health/", "/model/", "/openapi.json/", "/v1/models/", "/v2/models/flight-delay/"])
def test_a_slash_at_the_end_changes_nothing(function: FunctionProcess, path: str) -> None:
    """Clients add it, or leave it out."""
    assert function.client.get(path).json() == function.client.get(path.rstrip("/")).json()


def test_the_page_of_the_api_is_found_with_a_slash(function: FunctionProcess) -> None:
    """By a relative redirect, because the addresses in it are relative."""
    response = function.client.get("/docs/")
    assert (response.status_code, response.headers["location"]) == (308, "../docs")


def test_metrics_are_off_by_default(function: FunctionProcess) -> None:
    """The response says how to turn them on."""
    response = function.client.get("/metrics")
    assert (response.status_code, "METRICS=true" in response.json()["error"]) == (404, True)


def test_a_chunked_body_is_read(function: FunctionProcess) -> None:
    """A body without a length is a body."""
    content = iter([b'{"test_array":', json.dumps(EXAMPLE).encode(), b"}"])
    response = function.client.post("/predict", content=content)
    assert response.json() == {"prediction": 0}


def test_a_content_length_that_lies_harms_nobody(function: FunctionProcess) -> None:
    """Too small: the rest is no request. Too large, and the client disconnects: there is no response."""
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    answer = exchange(function, head + b'Content-Length: 5\r\n\r\n{"test_array": []}' + b" " * 100)
    assert answer.startswith(b"HTTP/1.1 4")
    exchange(function, head + b"Content-Length: 5000\r\n\r\n{", wait=False)
    assert post(function, {"test_array": EXAMPLE}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/predict", "POST"),
        ("PUT", "/predict/", "POST"),
        ("DELETE", "/", "GET, HEAD, POST"),
        ("POST", "/health", "GET, HEAD"),
        ("PATCH", "/model", "GET, HEAD"),
        ("POST", "/v1/models", "GET, HEAD"),
        ("GET", "/v1/models/flight-delay:predict", "POST"),
        ("POST", "/v2/health/ready", "GET, HEAD"),
        ("GET", "/v2/models/flight-delay/infer", "POST"),
        ("TRACE", "/predict", "POST"),
        ("PROPFIND", "/", "GET, HEAD, POST"),
    ],
)
def test_another_method_is_a_405(function: FunctionProcess, method: str, path: str, allowed: str) -> None:
    """With all that is allowed."""
    response = function.client.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)
    assert allowed in response.json()["error"]


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/predict/more",
        "/v1",
        "/v1/models/flight-delay/predict",
        "/v2/nothing",
        "/bigquery//",
        "/Predict",
        "/health/more",
        "/%2e%2e/etc/passwd",
    ],
)
def test_another_path_is_a_404(function: FunctionProcess, path: str) -> None:
    """In JSON, with the paths there are; nothing is redirected."""
    response = function.client.post(path, content=b"{}")
    assert response.status_code == 404
    assert "/predict" in response.json()["errorMessage" if path == "/bigquery//" else "error"]


def test_health_and_model(function: FunctionProcess, packed: Packed) -> None:
    """Both report which model is live."""
    post(function, {"test_array": EXAMPLE})
    version = packed.manifest.version
    health = function.client.get("/health").json()
    assert health == {"status": "OK", "model": {"name": "flight-delay", "version": version, "generation": None}}
    model = function.client.get("/model").json()
    assert model["version"] == version
    assert model["engine"] == "linear"
    assert [feature["name"] for feature in model["features"]] == list(FLIGHT)
    assert model["metrics"]["roc_auc"] > 0.6
    assert (model["warnings"], model["refused"], model["unreachable"]) == ([], None, None)
    assert len(model["sha256"]) == 64
    assert model["loaded_at"].endswith("Z")


def test_discovery_lists_every_route(function: FunctionProcess) -> None:
    """Each with its method and what it is for."""
    routes = function.client.get("/").json()["routes"]
    assert {(route["method"], route["path"]) for route in routes} >= {
        ("POST", "/predict"),
        ("GET", "/health"),
        ("GET", "/model"),
    }
    assert all(route["about"] for route in routes)


def test_models_are_listed(function: FunctionProcess) -> None:
    """As KServe V1 has it."""
    assert function.client.get("/v1/models").json() == {"models": ["flight-delay"]}
    assert function.client.get("/v1/models/flight-delay").json() == {"name": "flight-delay", "ready": True}


@pytest.mark.parametrize("path", ["/", "/health", "/model", "/v1/models", "/v2", "/v2/health/ready"])
def test_head_is_get_without_a_body(function: FunctionProcess, path: str) -> None:
    """As HTTP has it."""
    response = function.client.head(path)
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_probe_has_a_status_of_its_own(function: FunctionProcess, method: str) -> None:
    """By which it is left out of the objectives."""
    response = function.client.request(method, "/health?probe")
    assert (response.status_code, response.content) == (204, b"")
    assert "content-length" not in response.headers


def exchange(function: FunctionProcess, request: bytes, *, wait: bool = True) -> bytes:
    """Send bytes as they are and return the first bytes of the response."""
    with socket.create_connection(("127.0.0.1", function.port), timeout=10) as connection:
        connection.sendall(request)
        received = b""
        while wait and (chunk := connection.recv(65536)):
            received += chunk
            if b"\r\n\r\n" in received and received.endswith((b"}", b"received.")):
                break
        return received
