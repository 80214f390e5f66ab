"""The models that everybody serves, in the shape that each takes, and what scikit-learn predicts by them."""

import io
import json
import pickle
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import joblib
import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType

from function.model.bundle import JOBLIB, read_bundle
from function.model.manifest import Feature
from tests.load.peers.servers.server import ROW, VECTOR, Kind

LIMIT = 2**28
LARGE_ROWS = 10_000
TREES = (100, 1000)
FEW_FLIGHTS = 60_000
"""That trees are fitted on: they are as many and as deep as by all, and fitted in a minute."""


@dataclass(frozen=True)
class Model:
    """A folder with the model in every format."""

    folder: Path
    name: str
    labels: Mapping[Kind, int]
    """Of the example of each kind."""
    rows: list[dict[str, Any]]
    """As many as a large body has."""
    row_labels: list[int]

    @property
    def body(self) -> bytes:
        """All rows as one body."""
        return json.dumps({"instances": self.rows}, separators=(",", ":")).encode()


def unpack(bundle: Path, folder: Path) -> Model:
    """Write a bundle's pipeline, and its last step alone, as files for the others; our own file beside them."""
    shutil.rmtree(folder, ignore_errors=True)
    data = bundle.read_bytes()
    opened = read_bundle(data, LIMIT)
    pipeline = joblib.load(io.BytesIO(opened.read(JOBLIB)))
    inputs = {
        "vector": [("X", FloatTensorType([None, len(VECTOR)]))],
        "row": [(each.name, _type(each)([None, 1])) for each in opened.manifest.features],
    }
    for name, model in {"vector": pipeline[-1], "row": pipeline}.items():
        home = folder / name
        home.mkdir(parents=True)
        joblib.dump(model, home / "model.joblib")
        graph = to_onnx(model, initial_types=inputs[name], options={id(pipeline[-1]): {"zipmap": False}})
        (home / "model.onnx").write_bytes(graph.SerializeToString())
        (home / "model.pickle").write_bytes(pickle.dumps(model))
        (home / "model-settings.json").write_text(json.dumps(_mlserver_settings(name)))
    (folder / "model.zip").write_bytes(data)
    rows = some_rows(bundle, LARGE_ROWS)
    labels: Mapping[Kind, int] = {
        "vector": int(pipeline[-1].predict([VECTOR])[0]),
        "row": int(pipeline.predict(pd.DataFrame([ROW]))[0]),
    }
    return Model(folder, opened.manifest.name, labels, rows, pipeline.predict(pd.DataFrame(rows)).tolist())


def some_rows(bundle: Path, number: int) -> list[dict[str, Any]]:
    """Make rows of named features, the same ones each time."""
    features = read_bundle(bundle.read_bytes(), LIMIT).manifest.features
    random = Random(0)  # noqa: S311 (no secret)
    return [{each.name: random.choice(each.categories or ()) for each in features} for _ in range(number)]


def boosted(trees: int, folder: Path) -> Path:
    """Return a bundle of that many boosted trees, which is fitted if it is not there yet."""
    from model_training.commands.train import make_bundle
    from model_training.fitting.estimators import EstimatorName

    path = folder / f"trees-{trees}.zip"
    if not path.exists():
        params = {"max_iter": trees, "early_stopping": False}
        packed = make_bundle(EstimatorName.HIST_GRADIENT_BOOSTING, FEW_FLIGHTS, seed=0, params=params)
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(packed.data)
    return path


def _type(feature: Feature) -> Any:
    return Int64TensorType if feature.type == "integer" else StringTensorType


def _mlserver_settings(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": "./model.joblib"},
    }
