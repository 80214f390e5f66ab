"""Boosters that predict several values for each row, packed and served: in every dialect what the library predicts."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.support.boosters import rows_with_target, without_libraries
from tests.support.commands import run
from tests.support.function_process import FunctionProcess
from tests.support.packed_models import instances_of

NAME, TOLERANCE = "several", 1e-6
ROWS = rows_with_target()[0]
VALUE = ROWS["weight"].fillna(1.0) + ROWS["stops"] / 2 + (ROWS["city"] == "Oslo")
BOTH = np.column_stack([VALUE, VALUE**2])


def two_targets(path: Path) -> Any:
    """Fit XGBoost on two targets, with categories of text."""
    import xgboost

    options = {"n_estimators": 8, "max_depth": 3, "n_jobs": 1, "enable_categorical": True}
    rows = ROWS.assign(city=pd.Categorical(ROWS["city"]))
    model = xgboost.XGBRegressor(**options).fit(rows, BOTH)
    model.save_model(path)
    return model.predict(rows)


def quantiles(path: Path) -> Any:
    """Fit CatBoost on three quantiles of one target, with categories of text."""
    return _catboost(path, VALUE, "MultiQuantile:alpha=0.1,0.5,0.9")


def two_targets_of_catboost(path: Path) -> Any:
    """Fit CatBoost on two targets."""
    return _catboost(path, BOTH, "MultiRMSE")


def _catboost(path: Path, y: Any, loss: str) -> Any:
    import catboost

    options: dict[str, Any] = {"iterations": 8, "depth": 3, "one_hot_max_size": 9, "thread_count": 1, "verbose": 0}
    model = catboost.CatBoostRegressor(**options, loss_function=loss, allow_writing_files=False)
    model.fit(ROWS, y, cat_features=["city"]).save_model(str(path))
    return model.predict(ROWS)


MODELS = {
    "xgboost": ("model.ubj", two_targets, ["y0", "y1"]),
    "catboost, quantiles": ("model.cbm", quantiles, ["quantile_0.1", "quantile_0.5", "quantile_0.9"]),
    "catboost": ("model.cbm", two_targets_of_catboost, ["y0", "y1"]),
}


class Served(NamedTuple):
    """What the library predicts, the names of the outputs, and the function that serves the model."""

    wanted: Any
    outputs: list[str]
    path: Path
    function: FunctionProcess

    def post(self, path: str, body: Any) -> Any:
        """Post a body; return the response's JSON, which must be a success."""
        response = self.function.client.post(path, json=body)
        assert response.is_success, response.text
        return response.json()


@pytest.fixture(scope="module", params=MODELS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A model, packed, in a function that does not have its library."""
    (file, fit, names), folder = MODELS[request.param], tmp_path_factory.mktemp("several")
    wanted = np.asarray(fit(folder / file), dtype=float)
    ROWS.to_csv(folder / "sample.csv", index=False)
    packed = run("pack", folder / file, "--data", folder / "sample.csv", "--out", folder / NAME, "--name", NAME)
    assert packed.exit_code == 0, packed.stderr
    assert ", ".join(names) in packed.output
    path = {"MODEL_URI": str(folder / NAME), "PYTHONPATH": str(without_libraries(folder))}
    with FunctionProcess(path) as function:
        yield Served(wanted, names, folder / NAME, function)


def about(values: Any) -> Any:
    """Compare with numbers within the precision of XGBoost."""
    return pytest.approx(np.asarray(values), rel=TOLERANCE, abs=TOLERANCE)


def test_the_model_has_named_outputs(served: Served) -> None:
    """Quantiles by their number; it is compiled."""
    model = served.function.client.get("/model").json()
    assert (model["task"], model["engine"], model["refused"]) == ("multioutput-regression", "onnx", None)
    assert [output["name"] for output in model["predicted_outputs"]] == served.outputs


def test_a_row_has_an_array_of_values_in_every_dialect(served: Served) -> None:
    """In rows, V1, BigQuery and V2, with its gaps."""
    instances = instances_of(ROWS)
    for path in ("/predict", f"/v1/models/{NAME}:predict"):
        assert np.array(served.post(path, {"instances": instances})["predictions"]) == about(served.wanted)
    assert np.array(served.post("/bigquery", {"calls": [[row] for row in instances]})["replies"]) == about(
        served.wanted
    )
    kinds = {"weight": "FP64", "city": "BYTES", "stops": "INT64"}
    whole = ROWS.dropna()
    inputs = [
        {"name": name, "shape": [len(whole), 1], "datatype": kinds[name], "data": whole[name].tolist()}
        for name in map(str, whole)
    ]
    (tensor,) = served.post(f"/v2/models/{NAME}/infer", {"inputs": inputs})["outputs"]
    assert tensor["shape"] == [len(whole), len(served.outputs)]
    assert np.reshape(tensor["data"], tensor["shape"]) == about(served.wanted[whole.index])


def test_no_rows_and_skipped_rows(served: Served) -> None:
    """Of no rows there are no predictions; of an invalid one null."""
    assert served.post("/predict", {"instances": []}) == {"predictions": []}
    good = instances_of(ROWS)[:2]
    body: Any = {"instances": [good[0], {"unknown": 1}, good[1]], "parameters": {"on_error": "null"}}
    first, none, last = served.post("/predict", body)["predictions"]
    assert none is None
    assert [first, last] == [about(served.wanted[0]), about(served.wanted[1])]


def test_what_several_values_lack_is_refused_with_the_reason(served: Served) -> None:
    """Probabilities and explanations."""
    for output, reason in (("probability", "does not predict"), ("explanation", "only predictions of one output")):
        body = {"instances": instances_of(ROWS)[:1], "parameters": {"output": output}}
        response = served.function.client.post("/predict", json=body)
        assert response.status_code == 422
        assert reason in response.text or "several outputs" in response.text


def test_openapi_describes_the_arrays(served: Served) -> None:
    """The document is valid, and a response matches it, but one of another length does not."""
    document = served.function.client.get("/openapi.json").json()
    validate(document)
    content = document["paths"]["/predict"]["post"]["responses"]["200"]["content"]
    schema = {**content["application/json"]["schema"], "components": document["components"]}
    response = served.post("/predict", {"instances": instances_of(ROWS)[:3]})
    Draft202012Validator(schema).validate(response)
    short = {"predictions": [row[:-1] for row in response["predictions"]]}
    assert not Draft202012Validator(schema).is_valid(short)


def test_score_adds_a_column_for_each_output(served: Served, tmp_path: Path) -> None:
    """Offline, with the same numbers."""
    ROWS.to_csv(tmp_path / "rows.csv", index=False)
    done = run("score", "--data", tmp_path / "rows.csv", "--out", tmp_path / "scored.csv", "--model", served.path)
    assert done.exit_code == 0, done.output
    with (tmp_path / "scored.csv").open() as file:
        scored = list(csv.DictReader(file))
    columns = [f"prediction_{name}" for name in served.outputs]
    assert np.array([[float(row[column]) for column in columns] for row in scored]) == about(served.wanted)
