"""The model that everybody serves, in the shape that each takes."""

import io
import json
import pickle
from pathlib import Path
from random import Random
from typing import Any

import joblib

from function.model.bundle import JOBLIB, read_bundle

LIMIT = 2**28


def unpack(bundle: Path, folder: Path) -> None:
    """Write a bundle's pipeline, and its last step alone, as files for the peers; our own file beside them."""
    data = bundle.read_bytes()
    pipeline = joblib.load(io.BytesIO(read_bundle(data, LIMIT).read(JOBLIB)))
    for name, model in {"vector": pipeline[-1], "row": pipeline}.items():
        home = folder / name
        home.mkdir(parents=True, exist_ok=True)
        joblib.dump(model, home / "model.joblib")
        (home / "model.pickle").write_bytes(pickle.dumps(model))
        (home / "model-settings.json").write_text(json.dumps(_mlserver_settings(name)))
    (folder / "model.zip").write_bytes(data)


def some_rows(bundle: Path, number: int) -> list[dict[str, Any]]:
    """Make rows of named features, the same ones each time."""
    features = read_bundle(bundle.read_bytes(), LIMIT).manifest.features
    random = Random(0)  # noqa: S311 (no secret)
    return [{each.name: random.choice(each.categories or ()) for each in features} for _ in range(number)]


def _mlserver_settings(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": "./model.joblib"},
    }
