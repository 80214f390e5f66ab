"""Exact models through a running function: at every edge, one row at a time and 10,000 at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest

from function.model.dates import DateFormat
from function.model.engines.inputs import input_of
from function.model.loaded import load, relative_difference
from function.model.manifest import Origin
from function.model.plan.proof import TOLERANCE, Proof
from model_training.bundling.building import build_bundle
from model_training.bundling.exact.build import proving
from model_training.bundling.exact.compiled import compile_model
from model_training.bundling.exact.proof.structure.composition import native_of_parts
from model_training.data.dataset import Dataset
from model_training.data.kinds import date_format
from tests.integration.exact.configurations import CONFIGURATIONS
from tests.support.function_process import FunctionProcess
from tests.support.packed_models import instances_of

ROWS = 10_000
ALONE = 5
LAST_DIGIT = 4e-16
LIMIT = 50_000_000

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore:invalid value encountered",
    "ignore:divide by zero encountered",
    "ignore:X does not have valid feature names",
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the function looks for its model."""
    return tmp_path_factory.mktemp("models") / "model"


@pytest.fixture(scope="module")
def function(address: Path) -> Iterator[FunctionProcess]:
    """One process for all models, which looks for a newer one at every request."""
    environment = {"MODEL_URI": str(address), "MODEL_REFRESH_SECONDS": "0", "MODEL_REFRESH_WAIT_SECONDS": "60"}
    with FunctionProcess(environment) as running:
        yield running


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_responses_are_scikit_learns_predictions(function: FunctionProcess, address: Path, name: str) -> None:
    """No label differs, numbers by no more than 1e-12; a row alone gets the number that it gets among others."""
    model, X, held_out = CONFIGURATIONS[name]().fitted()
    sample = pd.concat([X, held_out], ignore_index=True)
    dates = dates_of(sample)
    data = Dataset("exact", sample, None, Origin("table", "0" * 64, len(sample)), dates=dates)
    packed = build_bundle(model, data, None, 0)
    assert isinstance(packed.manifest.proof, Proof)
    address.write_bytes(packed.data)
    rows = edge_rows(model, packed.data, sample)
    assert function.client.get("/model").json()["version"] == packed.manifest.version
    outputs = ("label", "probability") if hasattr(model, "predict_proba") else ("label",)
    for output in outputs:
        found = ask(function.client, instances_of(rows, dates), output)
        compare(model, rows, found, output)
        for number in np.linspace(0, ROWS - 1, ALONE).astype(int):
            (alone,) = ask(function.client, instances_of(rows.iloc[[number]], dates), output)
            assert same(alone, found[number]), (alone, found[number])


def same(alone: Any, among: Any) -> bool:
    """Compare a prediction for a row alone with that among others: exp of ONNX Runtime may differ in the last digit."""
    if isinstance(among, dict):
        return all(same(alone[name], among[name]) for name in among)
    return (
        bool(abs(alone - among) <= LAST_DIGIT * max(1.0, abs(among)))
        if isinstance(among, float)
        else bool(alone == among)
    )


def edge_rows(model: Any, data: bytes, sample: pd.DataFrame) -> pd.DataFrame:
    """Return 10,000 rows at edges that a caller may send, those of the sample among them."""
    compiled = compile_model(model, sample)
    questions = proving(model, compiled, sample, sample).questions(compiled.plan, native_of_parts(compiled.ensembles))
    tables = [each.rows for each in questions if isinstance(each.rows, pd.DataFrame) and each.answer is not None]
    rows = pd.concat([*(of_types(table, sample) for table in tables), sample], ignore_index=True)
    schema = load(data, None, LIMIT).schema
    dates = dates_of(sample)
    accepted = [schema.accepts(tuple(row.values())) for row in instances_of(rows, dates)]
    days = [name for name, kind in dates.items() if kind == "date"]  # Callers send no times of these.
    whole = rows[days].apply(lambda day: day.isna() | (day == day.dt.normalize())).all(axis=1)
    kept: pd.DataFrame = rows[whole & np.array(accepted)]
    assert len(kept) >= len(sample)
    return kept.iloc[np.resize(np.arange(len(kept)), ROWS)].reset_index(drop=True)


def of_types(table: pd.DataFrame, sample: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose integers are integers, in the types of the sample."""
    integers = [name for name in sample if sample[name].dtype.kind == "i"]
    whole = (table[integers].astype(float) % 1 == 0).all(axis=1)
    return table[whole].astype(dict(sample.dtypes))


def dates_of(sample: pd.DataFrame) -> dict[str, DateFormat]:
    """Return the formats of the columns of dates."""
    return {str(name): date_format(sample[name]) for name in sample if sample[name].dtype.kind == "M"}


def ask(client: httpx.Client, instances: list[dict[str, Any]], output: str) -> list[Any]:
    """Return the predictions for rows."""
    response = client.post("/predict", json={"instances": instances, "parameters": {"output": output}})
    assert response.status_code == 200, response.text
    predictions: list[Any] = response.json()["predictions"]
    return predictions


def compare(model: Any, rows: pd.DataFrame, found: list[Any], output: str) -> None:
    """Compare with scikit-learn's own predictions."""
    given = input_of(model, rows)
    if output == "label":
        wanted = np.asarray(model.predict(given)).reshape(-1)
        if hasattr(model, "classes_"):
            assert found == wanted.tolist()
        else:
            assert relative_difference(np.array(found), wanted).max() <= TOLERANCE
        return
    probabilities = model.predict_proba(given)
    numbers = [each if isinstance(each, float) else list(each.values()) for each in found]
    wanted = probabilities[:, 1] if len(model.classes_) == 2 else probabilities
    assert np.abs(np.array(numbers, dtype=float) - wanted).max() <= TOLERANCE
