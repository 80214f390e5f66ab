"""What a process does for slow and for many callers, for browsers of other origins, and for who watches it."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import joblib
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.neighbors import KNeighborsClassifier

from model_training.bundling.building import Packed
from tests.support.flights import FLIGHT
from tests.support.function_process import FunctionProcess
from tests.support.variants import successor

BODY = json.dumps({"instances": [FLIGHT]}).encode()


def bare(path: Path, estimator: Any, rows: int = 50) -> dict[str, str]:
    """Write a bare model of two columns, which scikit-learn serves; return its settings."""
    estimator.fit([[i % 7, i % 2] for i in range(rows)], [i % 2 for i in range(rows)])
    joblib.dump(estimator, path)
    return {"MODEL_URI": str(path)}


@pytest.mark.parametrize("target", ["predict", "predict_flask"])
def test_a_body_that_does_not_arrive_is_a_408(bundle_path: Path, target: str) -> None:
    """Whether nothing of it arrives, or a part, or a part of a chunk; others are served meanwhile."""
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nX-Request-Id: slow\r\n"
    known, chunked = head + b"Content-Length: 99\r\n\r\n", head + b"Transfer-Encoding: chunked\r\n\r\n"
    with FunctionProcess({"MODEL_URI": str(bundle_path), "REQUEST_SECONDS": "1"}, target=target) as function:
        for sent in (known, known + b"{", chunked, chunked + b"1\r\n{\r\n63\r\n"):
            with socket.create_connection(("127.0.0.1", function.port), timeout=30) as slow:
                slow.sendall(sent)
                assert function.ask_anew("/predict", {"instances": [FLIGHT]}).status_code == 200
                response = b""
                while piece := slow.recv(65536):  # Until the connection is closed.
                    response += piece
            assert response.startswith(b"HTTP/1.1 408")
            assert b"x-request-id: slow" in response
            assert b"did not arrive within 1 s" in response


def test_a_prediction_that_takes_too_long_is_a_504_and_its_thread_is_free(tmp_path: Path) -> None:
    """A nearest neighbour of 20,000 rows by brute force; the next requests are computed soon."""
    slow = KNeighborsClassifier(algorithm="brute", n_jobs=1, n_neighbors=1)
    settings = bare(tmp_path / "model.joblib", slow, rows=20_000)
    with FunctionProcess({**settings, "REQUEST_SECONDS": "1", "PRELOAD": "true"}) as function:
        assert function.ask_anew("/predict", {"instances": [[1, 0]]}).status_code == 200
        with ThreadPoolExecutor(8) as pool:
            many = {"instances": [[1, 0]] * 50_000}
            responses = list(pool.map(lambda _: function.ask_anew("/predict", many), range(8)))
        assert {response.status_code for response in responses} == {504}
        assert "took longer than 1 s" in responses[0].json()["error"]
        deadline = time.monotonic() + 30
        while function.ask_anew("/predict", {"instances": [[1, 0]] * 300}).status_code != httpx.codes.OK:
            assert time.monotonic() < deadline
        failed = [json.loads(line) for line in function.log().splitlines() if "request_failed" in line]
        assert [(record["status"], record["path"]) for record in failed] == [(504, "/predict")] * len(failed)
        assert {record["request_id"] for record in failed} >= {each.headers["x-request-id"] for each in responses}


def test_a_preloaded_model_of_scikit_learn_predicts_after_the_fork(tmp_path: Path) -> None:
    """Its OpenMP ran on the main thread before; it must not do so in a worker."""
    settings = bare(tmp_path / "model.joblib", HistGradientBoostingClassifier(max_iter=3))
    with FunctionProcess({**settings, "PRELOAD": "true", "WORKERS": "2"}) as function, ThreadPoolExecutor(8) as pool:
        bodies = [{"instances": [[1, 0]] * rows} for rows in (1, 2, 500, 5000) * 4]
        responses = list(pool.map(lambda body: function.ask_anew("/predict", body), bodies))
    assert {response.status_code for response in responses} == {200}


def test_a_request_past_the_bound_is_a_503_at_once(tmp_path: Path) -> None:
    """Counted in the log; the others are predicted."""
    settings = bare(tmp_path / "model.joblib", DummyClassifier())
    with FunctionProcess({**settings, "MAX_WAITING_REQUESTS": "1"}) as function, ThreadPoolExecutor(16) as pool:
        function.ask_anew("/predict", {"instances": [[1, 0]]})
        many = {"instances": [[1, 0]] * 20_000}
        responses = list(pool.map(lambda _: function.ask_anew("/predict", many), range(32)))
        assert {response.status_code for response in responses} == {200, 503}
        refused = next(response for response in responses if response.status_code == 503)
        assert refused.headers["retry-after"] == "1"
        assert "overloaded" in refused.json()["error"]
        assert '"event":"overload"' in function.log()


@pytest.mark.parametrize("target", ["predict", "predict_flask"])
def test_pages_of_allowed_origins_may_call(bundle_path: Path, target: str) -> None:
    """After a preflight; they may read the version. Pages of other origins may not."""
    allowed, asked = "https://app.example.com", {"Access-Control-Request-Method": "POST"}
    settings = {"MODEL_URI": str(bundle_path), "CORS_ORIGINS": f"{allowed}, http://localhost:3000"}
    with FunctionProcess(settings, target=target) as function:
        preflight = function.client.options(
            "/predict", headers={"Origin": allowed, "Access-Control-Request-Headers": "content-type", **asked}
        )
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == allowed
        assert "POST" in preflight.headers["access-control-allow-methods"]
        assert "content-type" in preflight.headers["access-control-allow-headers"]
        for body, status in ((BODY, 200), (b"no", 422)):
            response = function.client.post("/predict", content=body, headers={"Origin": allowed})
            assert (response.status_code, response.headers["access-control-allow-origin"]) == (status, allowed)
            assert "X-Model-Version" in response.headers["access-control-expose-headers"]
        other = function.client.post("/predict", content=BODY, headers={"Origin": "https://example.org"})
        assert "access-control-allow-origin" not in other.headers
        assert (
            function.client.options("/predict", headers={"Origin": "https://example.org", **asked}).status_code == 400
        )


def test_no_origin_is_allowed_by_default(bundle_path: Path) -> None:
    """A preflight is a 405."""
    with FunctionProcess({"MODEL_URI": str(bundle_path)}) as function:
        headers = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}
        assert function.client.options("/predict", headers=headers).status_code == 405


def test_metrics_show_what_happened(bundle_path: Path) -> None:
    """In every phase, on the event loop and in the pool."""
    with FunctionProcess({"MODEL_URI": str(bundle_path), "METRICS": "true"}) as function:
        for rows in (1, 3000):
            function.client.post("/predict", json={"instances": [FLIGHT] * rows})
        function.client.post("/predict", content=b"no")
        function.client.get("/no")
        response = function.client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = response.text.splitlines()
    assert "taxiway_rows_total 3001" in lines
    assert 'taxiway_requests_total{method="POST",route="/predict",status="200"} 2' in lines
    assert 'taxiway_requests_total{method="POST",route="/predict",status="422"} 1' in lines
    assert 'taxiway_requests_total{method="GET",route="other",status="404"} 1' in lines
    assert 'taxiway_problems_total{problem="BadInput"} 1' in lines
    for phase, count in (("decode", 2), ("wait", 1), ("predict", 2), ("encode", 2)):
        assert f'taxiway_phase_seconds_count{{phase="{phase}"}} {count}' in lines


def test_documents_of_a_live_model_are_made_once(bundle_path: Path, tmp_path: Path, packed: Packed) -> None:
    """Until another model is live."""
    path = tmp_path / "model.zip"
    path.write_bytes(bundle_path.read_bytes())
    with FunctionProcess({"MODEL_URI": str(path), "MODEL_REFRESH_SECONDS": "0"}) as function:
        function.client.post("/predict", content=BODY)
        first = [function.client.get(name).json() for name in ("/model", "/openapi.json")]
        assert [function.client.get(name).json() for name in ("/model", "/openapi.json")] == first
        path.write_bytes(successor(packed))
        deadline = time.monotonic() + 30
        while (model := function.client.get("/model").json())["version"] == first[0]["version"]:
            assert time.monotonic() < deadline
        assert model["version"] in function.client.get("/openapi.json").json()["info"]["version"]


def test_a_caller_that_leaves_does_not_disturb_the_others(bundle_path: Path) -> None:
    """Whenever it leaves."""
    with FunctionProcess({"MODEL_URI": str(bundle_path)}) as function:
        head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(BODY)
        for end in (10, len(head), len(head) + 5, len(head) + len(BODY)):
            with socket.create_connection(("127.0.0.1", function.port), timeout=30) as caller:
                caller.sendall((head + BODY)[:end])
        assert function.ask_anew("/predict", {"instances": [FLIGHT]}).status_code == httpx.codes.OK
        assert "stack_trace" not in function.log()
