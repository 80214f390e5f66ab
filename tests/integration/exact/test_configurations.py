"""model_training/bundling/exact: every kind of model, asked at every edge."""

import numpy as np
import onnx
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from function.model.plan.proof import TOLERANCE
from model_training.bundling.exact.build import build
from model_training.bundling.exact.stages import stages
from model_training.bundling.exact.trees.evaluation import sums
from model_training.bundling.exact.trees.scikit_learn import is_ensemble, read_ensemble
from model_training.bundling.graphs import check_graph
from tests.integration.exact.configurations import COMPOSITIONS, CONFIGURATIONS, FULL, LINEAR, TREES

ENOUGH = 2000


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", "ignore:invalid value encountered")
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_predicts_what_scikit_learn_predicts(name: str) -> None:
    """No label differs at edges, numbers by no more than 1e-12, and what is encoded is bitwise the same."""
    model, X, held_out = CONFIGURATIONS[name]().fitted()
    built = build(model, X, held_out)
    proof = built.proof
    assert proof.reason == ""
    assert (proof.differing_labels, proof.rows) == (0, len(X) + len(held_out))
    assert proof.largest_difference <= TOLERANCE
    assert proof.edge_rows > ENOUGH
    assert proof.statement.startswith("exact: ")
    if name in TREES:
        assert proof.kind == "trees"
        assert proof.leaves == proof.questions + proof.trees
        check_graph("estimator.onnx", built.members["estimator.onnx"])
        assert onnx.load_from_string(built.members["estimator.onnx"]).graph.input[0].name == "X"
    if name in COMPOSITIONS:
        assert proof.kind == "composition"
    if name in LINEAR:
        assert (proof.kind, list(built.members)) == ("linear", ["plan.json"])


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.parametrize("name", [name for name in TREES if "boosting" in name])
def test_sums_are_bitwise(name: str) -> None:
    """The plain evaluator adds up what boosting adds up, to the last bit."""
    model, X, _ = CONFIGURATIONS[name]().fitted()
    steps, estimator = stages(model)
    encoded = X.to_numpy(dtype=np.float64) if not steps else model[:-1].transform(X)
    dense = np.asarray(encoded.toarray() if hasattr(encoded, "toarray") else encoded, dtype=np.float64)
    assert is_ensemble(estimator)
    given = dense if name.startswith("histogram") else np.ascontiguousarray(dense, dtype=np.float32)
    assert (sums(read_ensemble(estimator), dense) == estimator._raw_predict(given)).all()  # noqa: SLF001


def test_whole_numbers_asked_halfway_behind_a_scaler() -> None:
    """Thresholds lie halfway between training values, which a scaler moves by a last digit."""
    rng = np.random.default_rng(0)
    X = FULL.X[["count", "price"]].assign(count=rng.integers(0, 1000, len(FULL.X)).astype(float))
    model = make_pipeline(StandardScaler(), DecisionTreeRegressor(random_state=0)).fit(X, FULL.value)
    built = build(model, X)
    assert built.proof.reason == ""
    assert built.proof.largest_difference == 0.0


def test_columns_without_names_or_jumps() -> None:
    """A model that was fitted on an array, of numbers that are all different, without rows held out."""
    X = FULL.X[["normal", "small"]]
    model = make_pipeline(StandardScaler(), Ridge()).fit(X.to_numpy(), FULL.value)
    assert build(model, X).proof.reason == ""
