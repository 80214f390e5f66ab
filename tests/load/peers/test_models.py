"""What everybody serves and is asked."""

import json
from pathlib import Path

import pytest

from function.inference.prediction import predict
from function.model.loaded import load
from function.protocols.open_inference import inference
from model_training.bundling.building import Packed
from tests.load.peers.measuring.tensors import requests_of
from tests.load.peers.models import LARGE_ROWS, some_rows, unpack
from tests.load.peers.servers.server import ROW, VECTOR
from tests.load.peers.serving.onnx_models import Rows, Vectors
from tests.support.binary_tensors import HEADER, read_outputs


def test_everybody_serves_the_model_of_the_bundle(bundle_path: Path, tmp_path: Path) -> None:
    """The same file for us, and for the others its pipeline and that one's last step; what was there before is gone."""
    (tmp_path / "models" / "old").mkdir(parents=True)
    model = unpack(bundle_path, tmp_path / "models")
    assert not (model.folder / "old").exists()
    assert (model.folder / "model.zip").read_bytes() == bundle_path.read_bytes()
    for kind in model.labels:
        assert json.loads((model.folder / kind / "model-settings.json").read_text())["name"] == kind
        for name in ("model.joblib", "model.onnx", "model.pickle"):
            assert (model.folder / kind / name).stat().st_size > 500


@pytest.mark.parametrize("model", ["packed", "boosted"])
def test_the_rivals_graphs_predict_what_scikit_learn_does(
    model: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every label of a large body, and those of the examples; of a linear model and of trees."""
    packed: Packed = request.getfixturevalue(model)
    (tmp_path / "bundle").write_bytes(packed.data)
    unpacked = unpack(tmp_path / "bundle", tmp_path / "models")
    monkeypatch.setenv("MODELS", str(unpacked.folder))
    rows, vectors = Rows(), Vectors()
    columns = {name: [row[name] for row in unpacked.rows] for name in ROW}
    assert rows.predict(columns) == unpacked.row_labels
    assert 0 < sum(unpacked.row_labels) < LARGE_ROWS
    assert rows.predict({name: [value] for name, value in ROW.items()}) == [unpacked.labels["row"]]
    assert vectors.predict([VECTOR]) == [unpacked.labels["vector"]]


def test_the_rows_are_the_same_each_time(bundle_path: Path) -> None:
    """And use what the model knows."""
    rows = some_rows(bundle_path, 100)
    assert rows == some_rows(bundle_path, 100)
    assert set(rows[0]) == {"carrier", "month", "origin", "period"}
    assert len({row["month"] for row in rows}) == 12


def test_tensors_are_the_same_in_both_ways(packed: Packed) -> None:
    """And the predictions too."""
    model = load(packed.data, None, 2**28)
    bodies = requests_of(10)
    (text, _), (binary, headers) = bodies["json"], bodies["binary"]
    queries = inference.decode(text, model), inference.decode_binary(headers[HEADER].encode(), binary, model)
    first, second = (inference.encode(query, predict(query, model), model) for query in queries)
    assert read_outputs(first.body, None) == read_outputs(second.body, second.headers[HEADER])
    assert requests_of(10) == bodies
