"""Training the default model on all of its data."""

import io
from pathlib import Path

import joblib
import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner

from function.model.bundle import JOBLIB, read_bundle
from function.model.loaded import load
from model_training.__main__ import app
from model_training.commands.support.sources import Preset, flights
from model_training.commands.train import make_bundle
from model_training.data.known.flights import read_flights
from model_training.fitting.estimators import EstimatorName, estimators_of
from tests.support.commands import start
from tests.support.packed_models import columns_of

LIMIT = 100_000_000
FEATURES = {"carrier": 16, "month": 12, "origin": 3, "period": 6}


@pytest.fixture(scope="module", params=estimators_of("binary"))
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes]:
    """What the command prints and writes, of each estimator."""
    path = tmp_path_factory.mktemp("train") / "new folder" / "model.zip"
    result = CliRunner().invoke(app, ["train", "--estimator", request.param, "--out", str(path)])
    assert result.exit_code == 0, result.stderr
    return result.stdout, path.read_bytes()


def test_the_model_is_as_good_as_promised(trained: tuple[str, bytes]) -> None:
    """A ROC AUC of at least 0.70 on rows held out, printed and in the manifest."""
    printed, data = trained
    auc = read_bundle(data, LIMIT).manifest.metrics["roc_auc"]
    assert auc >= 0.70
    assert f"{auc:.4f}" in printed


def test_there_are_37_encoded_columns(trained: tuple[str, bytes]) -> None:
    """Each belongs to one feature, and every feature has as many as it has values."""
    manifest = read_bundle(trained[1], LIMIT).manifest
    assert {feature.name: len(feature.encoded) for feature in manifest.features} == FEATURES
    assert sorted(i for feature in manifest.features for i in feature.encoded) == list(range(37))
    assert len(manifest.encoded) == 37


def test_both_engines_agree_on_every_row_held_out(trained: tuple[str, bytes]) -> None:
    """In label, and within 1e-5 in probability: the pipeline inside the bundle and the served one."""
    pipeline = joblib.load(io.BytesIO(read_bundle(trained[1], LIMIT).read(JOBLIB)))
    model = load(trained[1], None, LIMIT)
    _, held_out = read_flights().split(seed=0)
    outputs = model.predict_columns(columns_of(model, held_out.X))
    assert len(held_out.X) > 98_000
    assert outputs.probabilities is not None
    assert np.array_equal(outputs.labels, pipeline.predict(held_out.X))
    assert np.abs(outputs.probabilities - pipeline.predict_proba(held_out.X)).max() <= 1e-5


@pytest.mark.parametrize("preset", Preset)
@pytest.mark.parametrize("estimator", estimators_of("binary"))
def test_training_twice_differs_in_the_creation_time_alone(estimator: EstimatorName, preset: Preset) -> None:
    """Manifest, version, report and every other member are the same to the byte."""
    first, second = (make_bundle(estimator, 5000, seed=3, source=flights(preset)) for _ in range(2))
    before, after = (read_bundle(packed.data, LIMIT) for packed in (first, second))
    manifest = msgspec.structs.replace(before.manifest, created=after.manifest.created)
    assert msgspec.json.encode(manifest) == msgspec.json.encode(after.manifest)
    assert {name: before.read(name) for name in manifest.members} == {
        name: after.read(name) for name in manifest.members
    }
    assert manifest.data == read_flights().origin


def test_two_processes_make_the_same_version(tmp_path: Path) -> None:
    """However the sets of each are ordered; what differs is the time."""
    versions = set()
    for seed in "12345":
        path = tmp_path / f"{seed}.zip"
        started = start("train", "--rows", 1000, "--out", path, environment={"PYTHONHASHSEED": seed})
        assert started.wait() == 0, started.communicate()
        versions.add(read_bundle(path.read_bytes(), LIMIT).manifest.version)
    assert len(versions) == 1


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    """Before an hour of training is lost, and without a traceback."""
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(app, ["train", "--rows", "1000", "--out", str(tmp_path / "file" / "model.zip")])
    assert result.exit_code == 1
    assert "can't be written" in result.stderr
