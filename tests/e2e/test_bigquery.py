"""`POST /bigquery`: what BigQuery sends of every SQL type, and how it reads the replies."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.support.foreign_models import Foreign
from tests.support.function_process import FunctionProcess
from tests.support.packed_models import packed_of

DOCUMENTED: list[list[Any]] = [[None, 1, "", "abc"], ["abc", "9007199254740993", None, None]]
"""The calls of Google's own example: https://cloud.google.com/bigquery/docs/remote-functions."""
GOOD: list[Any] = ["abc", 5, "", "abc", 0.5]
MAX_ROWS = 1000


def of_sql_types() -> Foreign:
    """Two classes, from the columns of Google's example and a FLOAT64 that may be missing."""
    chance = np.random.default_rng(0)
    texts = {name: chance.choice(["abc", "", "x"], 200).astype(object) for name in ("a", "c", "d")}
    for column in texts.values():
        column[::9] = np.nan
    score = chance.normal(size=200)
    score[::7] = np.nan
    X = pd.DataFrame(
        {"a": texts["a"], "b": chance.integers(0, 100, 200), "c": texts["c"], "d": texts["d"], "score": score}
    )
    y = pd.Series(X["b"] > 50, name="large").astype(int)
    text = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(sparse_output=False))
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    encoder = ColumnTransformer([("text", text, ["a", "c", "d"]), ("number", numbers, ["b", "score"])])
    return Foreign(Pipeline([("e", encoder), ("m", LogisticRegression())]).fit(X, y), X, y)


@pytest.fixture(scope="module")
def foreign() -> Foreign:
    """The model behind the function."""
    return of_sql_types()


@pytest.fixture(scope="module", params=["predict", "predict_flask"])
def function(
    request: pytest.FixtureRequest, foreign: Foreign, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FunctionProcess]:
    """A running function that serves that model."""
    path = tmp_path_factory.mktemp("bigquery") / "model.zip"
    path.write_bytes(packed_of(foreign, "sql-types").data)
    environment = {"MODEL_URI": str(path), "MAX_ROWS": str(MAX_ROWS)}
    with FunctionProcess(environment, target=request.param) as running:
        yield running


def call(function: FunctionProcess, *calls: Any, **context: str) -> httpx.Response:
    """Send calls, with all that BigQuery sends beside them."""
    body = {
        "requestId": "124ab1c",
        "caller": "//bigquery.googleapis.com/projects/p/jobs/p:US.job_1",
        "sessionUser": "somebody@example.com",
        "userDefinedContext": context,
        "calls": calls,
    }
    return function.client.post("/bigquery", json=body)


def expected(foreign: Foreign, *rows: list[Any]) -> Any:
    """Return scikit-learn's probabilities of the positive class, [n]."""
    table = pd.DataFrame(rows, columns=list(foreign.X)).fillna({"score": np.nan})
    table["b"] = table["b"].astype(float)
    return pytest.approx(foreign.model.predict_proba(table.fillna(np.nan))[:, 1].tolist(), abs=1e-6)


def test_the_documented_calls(function: FunctionProcess, foreign: Foreign) -> None:
    """NULL is missing, an empty text is a text, and a large INT64 that comes as text is a number."""
    calls = [[*documented, 0.5] for documented in DOCUMENTED]
    response = call(function, *calls)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    rows: list[list[Any]] = [[None, 1, "", "abc", 0.5], ["abc", 9007199254740993, None, None, 0.5]]
    assert response.json() == {"replies": expected(foreign, *rows)}


def test_nan_is_null_and_infinity_is_no_number(function: FunctionProcess, foreign: Foreign) -> None:
    """Both come as text; one may be missing, the other is out of bounds."""
    missing = expected(foreign, [*GOOD[:4], None])
    assert call(function, [*GOOD[:4], "NaN"]).json()["replies"] == missing
    assert call(function, [dict(zip(foreign.X, [*GOOD[:4], "NaN"], strict=True))]).json()["replies"] == missing
    assert call(function, [*GOOD[:4], "0.5"]).json()["replies"] == expected(foreign, GOOD)
    for infinite in ("Infinity", "-Infinity"):
        response = call(function, GOOD, [*GOOD[:4], infinite])
        assert response.status_code == 400
        assert response.json()["errorMessage"].startswith("calls[1][4].score: expected a number from -1e+30 to 1e+30")


def test_no_calls_have_no_replies(function: FunctionProcess) -> None:
    """Only `calls` is required, and may be empty."""
    assert function.client.post("/bigquery", json={"calls": []}).content == b'{"replies":[]}'
    for on_error in ("fail", "null"):
        assert call(function, on_error=on_error).json() == {"replies": []}


def test_a_repeated_request_gets_the_same(function: FunctionProcess) -> None:
    """BigQuery repeats requests also after success; rows in a conditional come one at a time."""
    first, second = call(function, GOOD, [*GOOD[:4], None]), call(function, GOOD, [*GOOD[:4], None])
    assert first.content == second.content
    assert call(function, GOOD).json()["replies"] == pytest.approx(first.json()["replies"][:1], abs=1e-9)


def test_a_json_argument_may_be_text(function: FunctionProcess, foreign: Foreign) -> None:
    """An object that is written as text is the same row."""
    row = dict(zip(foreign.X, GOOD, strict=True))
    assert call(function, [json.dumps(row)]).content == call(function, [row]).content == call(function, GOOD).content


def test_the_context_chooses_the_output(function: FunctionProcess) -> None:
    """A probability is the default."""
    (probability,) = call(function, GOOD).json()["replies"]
    assert 0 < probability < 0.5
    assert call(function, GOOD, output="probability").json() == {"replies": [probability]}
    assert call(function, GOOD, output="label").json() == {"replies": [0]}


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (["y", 5, "", "abc", 0.5], ["calls[1][0].a: ", '"abc", "x"']),
        (["abc", 5.5, "", "abc", 0.5], ["calls[1][1].b: expected an integer"]),
        (["abc", "5x", "", "abc", 0.5], ["calls[1][1].b: expected an integer"]),
        (["abc", "9" * 30, "", "abc", 0.5], ["calls[1][1].b: expected an integer"]),
        (["abc", True, "", "abc", 0.5], ["calls[1][1].b: expected an integer"]),
        (["abc", 5, 5, "abc", 0.5], ["calls[1][2].c: expected one of"]),
        (["abc", 5, "", "abc", "half"], ["calls[1][4].score: expected a number"]),
        (["abc", 5], ["calls[1]: expected 5 arguments (a, b, c, d, score) or one JSON argument"]),
        ([], ["calls[1]: expected 5 arguments"]),
        ([None], ["calls[1]: expected 5 arguments"]),
    ],
)
def test_a_bad_row_is_a_400_or_null(function: FunctionProcess, bad: list[Any], words: list[str]) -> None:
    """The error names row and argument; with `on_error` set to `null` the other rows get predictions."""
    failed = call(function, GOOD, bad, GOOD)
    assert failed.status_code == 400
    assert set(failed.json()) == {"errorMessage"}
    for word in words:
        assert word in failed.json()["errorMessage"]
    reply = pytest.approx(call(function, GOOD).json()["replies"][0], abs=1e-9)
    assert call(function, GOOD, bad, GOOD, on_error="null").json() == {"replies": [reply, None, reply]}
    assert call(function, bad, on_error="null").json() == {"replies": [None]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"hello", "not valid JSON"),
        (b"[]", "expected an object with calls"),
        (b"{}", "calls: missing"),
        (b'{"calls":7}', "calls: expected an array"),
        (b'{"calls":[7]}', "calls[0]: expected an array"),
        (b'{"calls":[],"userDefinedContext":{"output":"x"}}', 'userDefinedContext.output: expected one of "label"'),
        (b'{"calls":[],"userDefinedContext":{"onerror":"x"}}', "userDefinedContext.onerror: unknown"),
        (b'{"calls":[[{"z":1}]]}', "calls[0][0].z: unknown"),
        (
            b'{"calls":[[{"a":"abc","b":1,"c":"","d":"abc","score":1}],[[1,2]]]}',
            "calls[1][0]: expected an object with a, b, c, d, score, like the other rows; an array is not allowed",
        ),
        (b'{"calls":[[{}],[1,2]]}', "calls[1]: expected one JSON argument"),
        (b'{"calls":[[[]]]}', "calls[0][0]: expected an array of exactly"),
        (b'{"calls":[[' + b"[" * 100_000 + b"]" * 100_000 + b"]]}", "nested too deeply"),
    ],
)
def test_a_bad_body_is_a_400(function: FunctionProcess, body: bytes, words: str) -> None:
    """Never a status that BigQuery tries again at."""
    response = function.client.post("/bigquery", content=body)
    assert response.status_code == 400
    assert words in response.json()["errorMessage"]


def test_too_many_rows_are_a_413(function: FunctionProcess) -> None:
    """The error has the limit, whether rows are valid or not."""
    for row, on_error in ((GOOD, "fail"), (GOOD, "null"), (["bad"], "null")):
        response = call(function, *[row] * (MAX_ROWS + 1), on_error=on_error)
        assert response.status_code == 413
        assert f"limit of a request is {MAX_ROWS} rows" in response.json()["errorMessage"]


def test_who_asks_is_never_logged(function: FunctionProcess) -> None:
    """Neither after success nor after a failure."""
    assert call(function, GOOD).status_code == 200
    assert call(function, ["bad"]).status_code == 400
    assert "A model is live." in function.log()
    assert "somebody" not in function.log()


def test_an_error_is_less_than_a_kilobyte(tmp_path: Path) -> None:
    """Also where a feature has many categories, or names that JSON makes longer."""
    names = [f'"\u00e9\u0001{i}' for i in range(300)]
    X = pd.DataFrame({"many": names, "number": range(300)})
    y = pd.Series(range(300), name="y") % 2
    encoder = ColumnTransformer([("many", OneHotEncoder(), ["many"])], remainder="passthrough")
    model = Pipeline([("e", encoder), ("m", LogisticRegression(max_iter=10_000))]).fit(X, y)
    path = tmp_path / "model.zip"
    path.write_bytes(packed_of(Foreign(model, X, y), "many").data)
    with FunctionProcess({"MODEL_URI": str(path)}) as function:
        response = call(function, ["bad", 1])
        assert response.status_code == 400
        assert len(response.content) < 1024
        message = response.json()["errorMessage"]
        assert message.startswith("calls[0][0].many: expected one of")
        assert message.endswith("...")
