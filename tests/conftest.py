"""What every test may ask for: a trained bundle, a bucket server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud import storage

from model_training.estimators import EstimatorName
from model_training.packing import Packed
from model_training.train import make_bundle
from tests.local_cloud import LocalCloud

SAMPLE_ROWS = 20_000


@pytest.fixture(scope="session")
def packed() -> Packed:
    """Train the default model on a sample of the real flights."""
    return make_bundle(EstimatorName.LOGISTIC_REGRESSION, SAMPLE_ROWS, seed=0)


@pytest.fixture(scope="session")
def bundle_path(packed: Packed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's bundle as a file."""
    path = tmp_path_factory.mktemp("bundle") / "model.zip"
    path.write_bytes(packed.data)
    return path


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    """An empty bucket server."""
    with LocalCloud() as running:
        yield running


@pytest.fixture
def bucket(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[storage.Bucket]:
    """An empty bucket called `models`, which this process and those it starts see as Google's."""
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    client = storage.Client(project="test")
    yield client.create_bucket("models")
    client.close()
