"""What every test may ask for: a trained bundle, a bucket server."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud import storage

from model_training.bundling.building import Packed
from model_training.commands.train import make_bundle
from model_training.fitting.estimators import EstimatorName
from tests.local_cloud import LocalCloud

SAMPLE_ROWS = 20_000
FOREIGN_SERVER = os.environ.get("STORAGE_EMULATOR_HOST")
"""Another bucket server to run against, such as Google's own testbench."""


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
