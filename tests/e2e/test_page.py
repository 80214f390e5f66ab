"""What a browser gets: the page, its files, and the bundle's own report."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from function.http.pages.responses import SWAGGER, assets
from model_training.bundling.building import Packed
from tests.support.commands import run, written
from tests.support.function_process import ROOT, FunctionProcess
from tests.support.variants import with_report, without_report

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
REPORT = b"<!doctype html><h1>How good it is</h1>"
FLIGHT = {"carrier": "UA", "month": 7, "origin": "EWR", "period": "evening"}


@pytest.fixture(scope="module", params=["predict", "predict_flask"])
def function(request: pytest.FixtureRequest, packed: Packed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A running function that serves a bundle with a report."""
    path = tmp_path_factory.mktemp("reported") / "model.zip"
    path.write_bytes(with_report(packed, REPORT))
    with FunctionProcess({"MODEL_URI": str(path)}, target=request.param) as running:
        yield running


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (BROWSER["Accept"], "text/html; charset=utf-8"),
        ("text/html", "text/html; charset=utf-8"),
        ("application/json;q=0.5, text/html", "text/html; charset=utf-8"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("application/json", "application/json"),
        ("text/html;q=0.5, application/json", "application/json"),
        ("text/html;q=0, */*", "application/json"),
        ("nonsense;;q=x,", "application/json"),
    ],
)
def test_a_browser_gets_the_page_and_anything_else_the_discovery(
    function: FunctionProcess, accept: str, kind: str
) -> None:
    """By the Accept header, which the Vary header tells caches."""
    response = function.client.get("/", headers={"Accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (200, kind)
    assert response.headers["vary"] == "Accept"


@pytest.mark.parametrize("path", ["/", *(f"/assets/{name}" for name in sorted(assets()))])
def test_the_page_may_use_its_own_files_alone(function: FunctionProcess, path: str) -> None:
    """Typed, not sniffed, and without anything inline."""
    response = function.client.get(path, headers=BROWSER)
    assert response.status_code == 200
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    types = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    kind = response.headers["content-type"].partition(";")[0]
    assert kind == types["html" if path == "/" else path.rpartition(".")[2]]
    assert "innerHTML" not in response.text or path.rpartition("/")[2] in SWAGGER


@pytest.mark.parametrize("path", ["/", "/assets/page.js", "/report"])
def test_what_has_not_changed_is_not_sent_again(function: FunctionProcess, path: str) -> None:
    """A browser asks each time, and keeps what it has."""
    first = function.client.get(path, headers=BROWSER)
    assert first.headers["cache-control"] == "no-cache"
    again = function.client.get(path, headers={**BROWSER, "If-None-Match": f'"x", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert function.client.get(path, headers={**BROWSER, "If-None-Match": '"x"'}).content == first.content


@pytest.mark.parametrize("name", ["index.html", "responses.py", "nothing.js", "..%2f..%2fmain.py", "%2e%2e"])
def test_other_files_are_not_there(function: FunctionProcess, name: str) -> None:
    """Whatever else is in the folder, or above it."""
    response = httpx.get(f"{function.url}/assets/{name}")
    assert response.status_code == 404
    assert "error" in response.json()


def test_the_report_is_the_bundles_own_in_a_sandbox(function: FunctionProcess, packed: Packed) -> None:
    """It may be looked at, and may do nothing."""
    response = function.client.get("/report")
    assert (response.status_code, response.content) == (200, REPORT)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    )
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-model-version"] == packed.manifest.version
    assert function.client.get("/model").json()["report"] is True


def test_a_model_without_a_report_says_so(packed: Packed, tmp_path: Path) -> None:
    """With 404, and in the model's description."""
    path = written(tmp_path, without_report(packed))
    with FunctionProcess({"MODEL_URI": str(path)}) as function:
        response = function.client.get("/report")
        assert response.status_code == 404
        assert response.json()["error"] == "The live model has no report. Publish a bundle that has one."
        assert function.client.get("/model").json()["report"] is False


def test_the_model_says_what_the_page_needs(function: FunctionProcess) -> None:
    """Its task, its wording, and which outputs it supports."""
    model = function.client.get("/model").json()
    assert (model["task"], model["classes"]) == ("binary", [0, 1])
    assert model["wording"]["chance"] == "risk of a delay over 15 minutes"
    assert model["outputs"] == ["label", "probability", "explanation"]
    assert model["created"].endswith("Z")
    assert model["unavailable"] is None
    carrier, *_ = model["features"]
    labels = dict(zip(carrier["categories"], carrier["labels"], strict=True))
    assert labels["UA"] == "United Air Lines Inc."


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FunctionProcess]:
    """The parcels, in the words of the command line."""
    path = tmp_path_factory.mktemp("described") / "model.zip"
    said = ["--title", "Will it be late?", "--describe", "late=over *15* minutes late", "--describe", "city=Sent from"]
    data = ["--data", str(ROOT / "docs" / "parcels.csv"), "--target", "late", "--name", "parcels-2"]
    assert run("train", *data, *said, "--out", str(path)).exit_code == 0
    with FunctionProcess({"MODEL_URI": str(path)}) as running:
        yield running


def test_the_model_says_what_it_predicts(described: FunctionProcess) -> None:
    """The target, the title, and what classes and features mean."""
    model = described.client.get("/model").json()
    assert (model["name"], model["title"]) == ("parcels-2", "Will it be late?")
    assert model["target"] == {"name": "late", "description": ""}
    assert model["wording"]["classes"] == ["", "over *15* minutes late"]
    assert [feature["description"] for feature in model["features"]] == ["Sent from", "", "", "", ""]


def test_the_api_documentation_says_what_is_predicted(described: FunctionProcess) -> None:
    """In its title and description, and at each prediction; CommonMark is escaped."""
    document = described.client.get("/openapi.json").json()
    said = "Predicts late. late means: over \\*15\\* minutes late."
    assert document["info"]["title"] == "Will it be late?"
    assert document["info"]["description"].startswith(said)
    prediction = document["components"]["schemas"]["Prediction"]["properties"]["prediction"]
    assert {"enum": ["early", "late"], "description": said} in prediction["anyOf"]


def test_the_report_says_what_is_predicted(described: FunctionProcess) -> None:
    """Its heading is the title."""
    report = described.client.get("/report").text
    assert "<h1>Will it be late?</h1>" in report
    assert "early: not described; late: over *15* minutes late" in report


def test_an_explanation_adds_up(function: FunctionProcess) -> None:
    """To the log-odds of the predicted probability."""
    body: dict[str, Any] = {"instances": [FLIGHT, FLIGHT]}
    (probability, _) = function.client.post("/", json={**body, "parameters": {"output": "probability"}}).json()[
        "predictions"
    ]
    answer = function.client.post("/", json={**body, "parameters": {"output": "explanation"}}).json()
    explanation, same = answer["predictions"]
    assert explanation == same
    assert explanation["probability"] == probability
    assert (explanation["prediction"], explanation["class"]) == (0, 1)
    assert (explanation["method"], explanation["unit"]) == ("linear", "log-odds")
    assert list(explanation["contributions"]) == list(FLIGHT)
    odds = 2.718281828459045 ** (explanation["baseline"] + sum(explanation["contributions"].values()))
    assert odds / (1 + odds) == pytest.approx(probability, abs=1e-6)


@pytest.mark.parametrize(
    "path", ["/", "/assets/page.js", "/docs", "/openapi.json", "/model", "/report", "/health", "/nothing"]
)
def test_a_forged_host_shows_nowhere(function: FunctionProcess, path: str) -> None:
    """Neither in headers nor in bodies: all addresses are relative."""
    for accept in ("text/html", "application/json"):
        request = (
            f"GET {path} HTTP/1.1\r\nHost: forged.example\r\nX-Forwarded-Host: forged.example\r\n"
            f"Accept: {accept}\r\nConnection: close\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", function.port), timeout=10) as connection:
            connection.sendall(request.encode())
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        assert received.startswith(b"HTTP/1.1 ")
        assert b"forged" not in received
