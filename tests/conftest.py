"""What every test may ask for: a trained bundle, a bucket server."""

import os
import pickle
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from google.cloud import storage

from model_training.bundling.building import Packed
from model_training.commands.train import make_bundle
from model_training.fitting.estimators import EstimatorName
from tests.local_cloud import LocalCloud
from tests.support.sharing import begin_run, made_once, run_folder, turn

SAMPLE_ROWS = 20_000
FOLDERS = ("deploy", "e2e", "integration", "browser", "load", "unit")
"""In the order in which processes take files: short ones last, so that all processes end at the same time."""
FOREIGN_SERVER = os.environ.get("STORAGE_EMULATOR_HOST")
"""Another bucket server to run against, such as Google's own testbench."""


def pytest_configure(config: pytest.Config) -> None:
    """Share a folder with the processes that run tests beside this one; leave this repository's taxiway.toml out."""
    os.environ["TAXIWAY_CONFIG"] = os.devnull
    config.add_cleanup(begin_run())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests in the order of their folders."""
    root = Path(__file__).parent
    items.sort(key=lambda item: FOLDERS.index(item.path.relative_to(root).parts[0]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test that measures time with no other test beside it."""
    with turn(run_folder(), alone=item.get_closest_marker("alone") is not None):
        return (yield)


@pytest.fixture(scope="session")
def packed() -> Packed:
    """Train the default model on a sample of the real flights, once for all processes."""
    return _trained("packed", EstimatorName.LOGISTIC_REGRESSION)


@pytest.fixture(scope="session")
def boosted() -> Packed:
    """Train boosted trees on the same sample, whose estimator is a graph."""
    return _trained("boosted", EstimatorName.HIST_GRADIENT_BOOSTING)


def _trained(name: str, estimator: EstimatorName) -> Packed:
    trained = made_once(name, lambda: pickle.dumps(make_bundle(estimator, SAMPLE_ROWS, seed=0)))
    packed: Packed = pickle.loads(trained.read_bytes())  # noqa: S301 (ours)
    return packed


@pytest.fixture(scope="session")
def bundle_path(packed: Packed) -> Path:
    """The sample's bundle as a file."""
    return made_once("model.zip", lambda: packed.data)


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    """An empty bucket server of ours, which counts what it is asked and fails on demand."""
    if FOREIGN_SERVER:
        pytest.skip("needs a bucket server that counts and fails on demand")
    with LocalCloud() as running:
        yield running


@pytest.fixture
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[storage.Bucket]:
    """An empty, versioned bucket called `models`, which this process and those it starts see as Google's."""
    if not FOREIGN_SERVER:
        cloud: LocalCloud = request.getfixturevalue("cloud")
        for name, value in cloud.environment().items():
            monkeypatch.setenv(name, value)
    client = storage.Client(project="test")
    bucket = client.bucket("models")
    bucket.versioning_enabled = True
    if FOREIGN_SERVER and bucket.exists():
        bucket.delete_blobs(list(bucket.list_blobs(versions=True)), preserve_generation=True)
        yield bucket
    else:
        yield client.create_bucket(bucket)
    client.close()
