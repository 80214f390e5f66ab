"""model_training/bundling/exact/trees: files of XGBoost, LightGBM and CatBoost, asked at every edge."""

from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from function.model.plan.proof import TOLERANCE
from model_training.bundling.exact.compiled import SINGLE_TOLERANCE
from model_training.bundling.exact.graph.builder import DOUBLE, FLOAT, Graph
from model_training.bundling.exact.proof.rows.asked import predictor_of
from model_training.bundling.exact.proof.rows.comparison import largest_difference
from model_training.bundling.exact.proof.rows.paths import Paths
from model_training.bundling.exact.proof.structure.native import native_of
from model_training.bundling.exact.proof.structure.walk import prove_structure
from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.emit import INPUT, emit, write_sums
from model_training.bundling.exact.trees.evaluation import sums
from model_training.bundling.exact.trees.native_file import library_of
from model_training.bundling.exact.trees.read import read_ensemble
from model_training.bundling.exact.trees.structure import Ensemble
from tests.integration.exact.boosters import BOOSTERS, Matrix

NODES = 400
pytestmark = pytest.mark.filterwarnings(
    "ignore:X does not have valid feature names",
    # What XGBoost still reads, it also still fits.
    "ignore:.*deprecated",
)


def run(graph: Any, X: Matrix) -> list[Any]:
    """Run a graph on one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return list(session.run(None, {INPUT: X}))


def raw_scores(estimator: Any, X: Matrix) -> Any:
    """Return the sums that a library adds up, [n, outputs]."""
    library = library_of(estimator)
    if library == "xgboost":
        found = estimator.predict(X, output_margin=True)
    elif library == "lightgbm":
        found = estimator.predict(X, raw_score=True)
    elif hasattr(estimator, "predict_proba"):
        found = estimator.predict(X, prediction_type="RawFormulaVal")
    else:
        found = estimator._predict(X, "RawFormulaVal", 0, 0, 1, verbose=False, parent_method_name="")  # noqa: SLF001
    return np.asarray(found, np.float64).reshape(len(X), -1)


def sums_of(ensemble: Ensemble, X: Matrix) -> Any:
    """Return the sums of the graph."""
    g = Graph()
    total = write_sums(g, ensemble, g.input(INPUT, ensemble.n_features))
    kind = FLOAT if ensemble.add is np.float32 else DOUBLE
    return np.asarray(run(g.model({"sums": (total, kind, [None, ensemble.n_outputs])}), X)[0], np.float64)


@pytest.mark.parametrize("name", BOOSTERS)
def test_predicts_what_the_library_predicts(name: str) -> None:
    """Structure and sums are bitwise the same, no label differs at edges, and numbers by what links are rounded."""
    booster = BOOSTERS[name]
    estimator = booster.fitted()
    if name == "xgboost: quantiles" and version("xgboost-cpu") >= "3.3":
        with pytest.raises(Refused, match="several quantiles"):
            read_ensemble(estimator)
        return
    read, native = read_ensemble(estimator), native_of(estimator)
    graph = emit(read)
    structure = prove_structure(native, graph)
    assert structure.leaves == structure.questions + structure.trees
    paths, rng = Paths(native), np.random.default_rng(1)
    chosen = rng.choice(paths.inner, min(NODES, len(paths.inner)), replace=False).tolist() if len(paths.inner) else []
    rows = np.concatenate([booster.X, paths.rows(chosen, booster.X, rng, missing=True)])
    wanted = predictor_of(estimator)(rows)
    labels, *probabilities = run(graph, rows)
    tolerance = SINGLE_TOLERANCE if read.add is np.float32 else TOLERANCE
    if wanted.is_value:
        assert largest_difference(labels, wanted.labels) <= tolerance
    else:
        assert labels.tolist() == wanted.labels.reshape(-1).tolist()
        assert largest_difference(probabilities[0], wanted.probabilities) <= tolerance
    unaveraged = replace(read, divisor=1.0)
    raw = raw_scores(estimator, rows)
    assert (sums(unaveraged, rows) == raw).all()
    assert (sums_of(unaveraged, rows) == raw).all()
