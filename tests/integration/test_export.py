"""`taxiway export`: files that other programs read, compared with the function."""

import json
from pathlib import Path
from typing import Any

import joblib
import msgspec
import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from google.cloud import storage
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from function.model.bundle import read_bundle, write_bundle
from function.model.loaded import load
from function.model.manifest import Manifest, Origin
from model_training.bundling.building import Packed, build_bundle
from model_training.bundling.exact.boosters.open import open_native
from model_training.data.dataset import Dataset
from model_training.exporting.refused import NotExported
from model_training.exporting.trial import check_golden_rows, predict
from tests.support.commands import run, written
from tests.support.exports import LIMIT, UNKNOWN, compare, difference, exported
from tests.support.foreign_models import MODELS
from tests.support.function_process import ROOT
from tests.support.packed_models import packed_of

FORMAT_1 = ROOT / "tests/support/format_1.zip"


def test_the_default_model_in_onnx_runtime_alone(packed: Packed, bundle_path: Path, tmp_path: Path) -> None:
    """Every combination of its categories: 16 carriers, 12 months, 3 airports, 6 times of day."""
    result = run("export", bundle_path, "--onnx", tmp_path / "new" / "model.onnx")
    assert result.exit_code == 0, result.output
    assert f"Wrote {tmp_path}/new/model.onnx (" in result.output
    model = onnx.load(tmp_path / "new" / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "new" / "model.onnx", providers=["CPUExecutionProvider"])
    assert [(each.name, each.type, each.shape) for each in session.get_inputs()] == [
        ("carrier", "tensor(string)", [None, 1]),
        ("month", "tensor(int64)", [None, 1]),
        ("origin", "tensor(string)", [None, 1]),
        ("period", "tensor(string)", [None, 1]),
    ]
    assert [(each.name, each.type, each.shape) for each in session.get_outputs()] == [
        ("label", "tensor(int64)", [None]),
        ("probabilities", "tensor(double)", [None, 2]),
    ]
    properties = {each.key: each.value for each in model.metadata_props}
    assert properties.pop("producer").startswith("taxiway ")
    assert properties == {
        "name": "flight-delay",
        "version": packed.manifest.version,
        "task": "binary",
        "classes": "[0,1]",
        "threshold": "0.5",
    }
    lists = [feature.categories or () for feature in packed.manifest.features]
    rows: Any = list(zip(*(np.ravel(axis).tolist() for axis in np.meshgrid(*lists)), strict=True))
    rows = [(carrier, int(month), origin, period) for carrier, month, origin, period in rows]
    found = compare(model, load(packed.data, None, LIMIT), rows)
    assert (found.rows, found.labels) == (3456, 0)
    assert found.numbers <= 1e-15


@pytest.mark.parametrize("name", ["multiclass", "regression", "margins", "truth", "nameless"])
def test_models_of_every_task(name: str) -> None:
    """Categories with missing and unknown values, numbers of which some are missing, classes that are booleans."""
    foreign = MODELS[name]()
    found = difference(packed_of(foreign, name).data, foreign.X, rows=3000)
    assert found.rows > 2000
    assert found.labels == 0
    assert found.numbers <= 1e-12


def test_boosted_flights(boosted: Packed) -> None:
    """To the last bit, from 20,000 rows of training."""
    served, model = load(boosted.data, None, LIMIT), exported(boosted.data)[0]
    rows = [*(boosted.manifest.golden.rows if boosted.manifest.golden else ())]
    found = compare(model, served, rows * 20)
    assert (found.labels, found.numbers) == (0, 0.0)


def test_a_bundle_of_format_1() -> None:
    """Its two graphs are of single precision, and so are its numbers."""
    data = FORMAT_1.read_bytes()
    model, manifest = exported(data)
    assert manifest.golden
    found = compare(model, load(data, None, LIMIT), manifest.golden.rows)
    assert (found.labels, found.numbers) == (0, 0.0)


def small(features: dict[str, list[Any]], y: list[Any], **options: Any) -> bytes:
    """Pack a logistic regression of categories."""
    X = pd.DataFrame(features)
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()).fit(X, y)
    return build_bundle(model, Dataset("small", X, None, Origin("s", "0" * 64, len(X)), **options), None, seed=0).data


def test_an_unknown_text_of_an_open_feature() -> None:
    """Is predicted as the function predicts it."""
    data = small({"city": ["Lima", "Quito", "Lima", "Quito"] * 10}, ["a", "b", "a", "a"] * 10)
    model, manifest = exported(data)
    assert manifest.features[0].open
    found = compare(model, load(data, None, LIMIT), [(UNKNOWN,), ("Lima",), ("",)])
    assert found.labels == 0
    assert found.numbers <= 1e-15


def test_names_that_the_graph_uses_itself() -> None:
    """A feature may have the name of an output, or of a tensor."""
    columns = {name: ["a", "b", "c", "b"] * 10 for name in ("label", "_t0", "t1", "probabilities", "a b")}
    data = small(columns, [0, 1, 0, 0] * 10)
    model, manifest = exported(data)
    assert [each.name for each in model.graph.output] == ["predicted_label", "predicted_probabilities"]
    assert manifest.golden
    assert compare(model, load(data, None, LIMIT), manifest.golden.rows).labels == 0


def test_a_graph_that_predicts_something_else_is_not_written(packed: Packed) -> None:
    """The golden rows show it."""
    model, manifest = exported(packed.data)
    assert check_golden_rows(model, manifest) == len(manifest.golden.rows if manifest.golden else ())
    for node in model.graph.node:
        if node.op_type == "Greater":
            node.input[0], node.input[1] = node.input[1], node.input[0]
    with pytest.raises(NotExported, match="something else than the bundle"):
        check_golden_rows(model, manifest)


def test_the_files_for_bigquery(bundle_path: Path, tmp_path: Path) -> None:
    """The graph and two statements; a second export replaces them."""
    for _ in range(2):
        result = run("export", bundle_path, "--bigquery-ml", tmp_path / "bq", "--onnx", tmp_path / "model.onnx")
        assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "bq").iterdir()) == [
        "create_model.sql",
        "model.onnx",
        "predict.sql",
    ]
    assert (tmp_path / "bq/model.onnx").read_bytes() == (tmp_path / "model.onnx").read_bytes()
    assert "OPTIONS (MODEL_TYPE = 'ONNX', MODEL_PATH = 'gs://" in (tmp_path / "bq/create_model.sql").read_text()


def test_the_card_has_the_figures_of_the_report_beside_the_bundle(packed: Packed, tmp_path: Path) -> None:
    """If it is that of this model."""
    bundle = written(tmp_path, packed.data)
    assert run("export", bundle, "--model-card", tmp_path / "bare.md").exit_code == 0
    assert "95 % interval" not in (tmp_path / "bare.md").read_text()
    evaluation = json.loads(report_of(packed))
    (tmp_path / "model.report.json").write_text(json.dumps(evaluation))
    result = run("export", bundle, "--model-card", tmp_path / "card.md", "--license", "mit", "--language", "en")
    assert result.exit_code == 0, result.output
    text = (tmp_path / "card.md").read_text()
    assert 'license: "mit"\nlanguage: "en"\n' in text
    assert "95 % interval" in text
    evaluation["metrics"]["roc_auc"]["value"] = 0.1
    (tmp_path / "model.report.json").write_text(json.dumps(evaluation))
    assert run("export", bundle, "--model-card", tmp_path / "other.md").exit_code == 0
    assert "95 % interval" not in (tmp_path / "other.md").read_text()


def report_of(packed: Packed) -> bytes:
    """Return the report of a bundle as `train` writes it."""
    return msgspec.json.encode(packed.evaluation)


def test_a_file_is_replaced_as_a_whole(bundle_path: Path, tmp_path: Path) -> None:
    """The file that a link names, and a device stays one."""
    (tmp_path / "old.onnx").write_bytes(b"old")
    (tmp_path / "link.onnx").symlink_to("old.onnx")
    assert run("export", bundle_path, "--onnx", tmp_path / "link.onnx").exit_code == 0
    assert (tmp_path / "link.onnx").is_symlink()
    onnx.load(tmp_path / "old.onnx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.onnx", "old.onnx"]
    assert run("export", bundle_path, "--onnx", "/dev/null").exit_code == 0
    assert Path("/dev/null").is_char_device()
    folder = run("export", bundle_path, "--onnx", tmp_path)
    assert folder.exit_code == 1
    assert f"{tmp_path} can't be written: Is a directory" in folder.stderr


def test_a_bundle_in_a_bucket(packed: Packed, bucket: storage.Bucket, tmp_path: Path) -> None:
    """Is read as `score` reads one."""
    bucket.blob("models/flights").upload_from_string(packed.data)
    result = run("export", "gs://models/models/flights", "--onnx", tmp_path / "model.onnx")
    assert result.exit_code == 0, result.output
    missing = run("export", "gs://models/nothing", "--onnx", tmp_path / "none.onnx")
    assert missing.exit_code == 1
    assert "gs://models/nothing is not exported: there is no object gs://models/nothing." in missing.stderr


def test_what_scikit_learn_serves_has_no_graph(tmp_path: Path) -> None:
    """But it has a card."""
    bundle = written(tmp_path, packed_of(MODELS["uncompiled"](), "uncompiled").data)
    result = run("export", bundle, "--onnx", tmp_path / "model.onnx", "--model-card", tmp_path / "card.md")
    assert result.exit_code == 1
    assert "scikit-learn itself serves this bundle, because the model could not be compiled" in result.stderr
    assert "`taxiway pack` reports the reason" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["model.zip"]
    assert run("export", bundle, "--model-card", tmp_path / "card.md").exit_code == 0


def test_nothing_is_written_if_one_export_is_not_possible(tmp_path: Path) -> None:
    """The message names the columns that BigQuery has no names for."""
    data = small({"Ship Mode": ["a", "b", "a", "b"] * 10}, [0, 1, 0, 0] * 10)
    result = run("export", written(tmp_path, data), "--onnx", tmp_path / "m.onnx", "--bigquery-ml", tmp_path / "bq")
    assert result.exit_code == 1
    assert "'Ship Mode'; rename the columns of the training data." in " ".join(result.stderr.split())
    assert [path.name for path in tmp_path.iterdir()] == ["model.zip"]


def test_a_bare_model_is_refused(tmp_path: Path) -> None:
    """It has no features with types."""
    joblib.dump(LogisticRegression().fit([[0], [1]], [0, 1]), tmp_path / "model.joblib")
    result = run("export", tmp_path / "model.joblib", "--onnx", tmp_path / "model.onnx")
    assert result.exit_code == 1
    assert "it is a bare model; build a bundle from it with `taxiway pack`" in result.stderr


def test_options_that_do_not_fit_each_other(bundle_path: Path) -> None:
    """The command asks what to write."""
    nothing = run("export", bundle_path)
    assert nothing.exit_code == 2
    assert "choose what to write" in nothing.stderr
    useless = run("export", bundle_path, "--onnx", "model.onnx", "--license", "mit")
    assert useless.exit_code == 2
    assert "--license and --language are for --model-card" in useless.stderr


def test_labels_above_a_threshold_of_single_precision() -> None:
    """XGBoost's probabilities are of single precision, and so is the threshold that they are compared with."""
    import xgboost

    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=400).round(2)})
    fitted = xgboost.XGBClassifier(n_estimators=3, max_depth=2, n_jobs=1).fit(X, X["x"] > rng.normal(size=400) / 4)
    model = open_native(".ubj", bytes(fitted.get_booster().save_raw("ubj")), X)
    data = build_bundle(model, Dataset("m", X, None, Origin("s", "0" * 64, 400)), None, seed=0).data
    bundle, rows = read_bundle(data, LIMIT), [(value,) for value in X["x"].tolist()]
    members = {name: bundle.read(name) for name in bundle.manifest.members}
    found = fitted.predict_proba(X)[:, 1]
    assert len(set(found)) >= 3
    for share in sorted(set(found.tolist())):
        # A number beside the share is the share itself in single precision.
        for threshold in (share, float(np.nextafter(share, 0)), float(np.nextafter(share, 1))):
            changed = write_bundle(with_threshold(bundle.manifest, threshold), members)
            assert compare(exported(changed)[0], load(changed, None, LIMIT), rows).labels == 0


def with_threshold(manifest: Manifest, threshold: float) -> Manifest:
    """Change the threshold of a model of two classes, and the labels of the golden rows with it."""
    golden = manifest.golden
    assert golden
    labels = tuple(int(np.float32(row[1]) > np.float32(threshold)) for row in golden.probabilities or ())
    return msgspec.structs.replace(manifest, threshold=threshold, golden=msgspec.structs.replace(golden, labels=labels))


def test_feeding_the_graph_by_name(packed: Packed) -> None:
    """Columns in any order."""
    model, manifest = exported(packed.data)
    assert manifest.golden
    row = manifest.golden.rows[:1]
    label, _ = predict(model, manifest, row)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [feature.name for feature in manifest.features]
    fed = {name: np.array([[value]], dtype=None) for name, value in reversed(list(zip(names, row[0], strict=True)))}
    assert session.run(["label"], fed)[0].tolist() == label.tolist() == [manifest.golden.labels[0]]
