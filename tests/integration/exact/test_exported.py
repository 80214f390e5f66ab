"""model_training/exporting/graph: one graph of a whole model predicts what the function predicts."""

from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest

from function.model.loaded import load
from function.model.manifest import Origin
from model_training.bundling.building import build_bundle
from model_training.bundling.exact.graph.builder import DOUBLE, FLOAT, Graph
from model_training.bundling.exact.trees.emit import INPUT, write_sums
from model_training.bundling.exact.trees.evaluation import sums
from model_training.data.dataset import Dataset
from model_training.exporting.bigquery import check_limits
from model_training.exporting.graph.portable import portable
from tests.integration.exact.boosters import BOOSTERS
from tests.integration.exact.configurations import CONFIGURATIONS
from tests.integration.exact.matrix import edge_rows, native_of_booster
from tests.integration.exact.test_random_ensembles import FEATURES, random_ensemble, random_rows
from tests.support.exports import LIMIT, compare, difference, exported, packed_configuration

TOLERANCE = 1e-12
XGBOOST_TOLERANCE = 1e-6
"""XGBoost's own numbers are of single precision."""
BITWISE = (
    "forest of three classes",
    "gradient boosting behind imputers",
    "histogram boosting, numbers as categories",
    "dates as numbers, missing",
)
CLOSE = (
    "logistic regression, missing values",
    "descent, modified huber of three classes",
    "poisson",
    "dates, one-hot, missing",
    "target encoding",
)
ORIGIN = Origin("sample", "0" * 64, 1)
BOOSTED = ("xgboost: softprob", "xgboost: categories, sets", "lightgbm: categories", "catboost: MultiClass")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", "ignore:invalid value encountered")
@pytest.mark.parametrize("name", [*BITWISE, *CLOSE])
def test_a_graph_predicts_what_the_function_predicts(name: str) -> None:
    """On rows at edges, with missing and unknown values; trees to the last bit, on any number of threads."""
    packed, X = packed_configuration(CONFIGURATIONS[name]())
    found = difference(packed.data, X)
    assert found.rows > 1000
    assert found.labels == 0
    assert found.numbers <= (0.0 if name in BITWISE else TOLERANCE)
    check_limits(exported(packed.data)[0])


@pytest.mark.parametrize("name", [name for name in BOOSTERS if name in BOOSTED])
def test_a_graph_predicts_what_a_booster_predicts(name: str) -> None:
    """On rows at and beside the thresholds of its trees, reached by their paths."""
    booster = BOOSTERS[name]
    estimator = booster.fitted()
    sample = pd.DataFrame(booster.X, columns=[f"x{place}" for place in range(booster.X.shape[1])])
    model = native_of_booster(estimator, sample)
    for place in range(len(sample.columns)):  # Each feature may be missing.
        sample.iloc[place, place] = np.nan
    data = build_bundle(model, Dataset("m", sample, None, ORIGIN), None, seed=0).data
    rows = [
        tuple(None if np.isnan(value) else value for value in row)
        for row in edge_rows(estimator, booster.X, 2000).tolist()
    ]
    found = compare(exported(data)[0], load(data, None, LIMIT), rows)
    tolerance = XGBOOST_TOLERANCE if name.startswith("xgboost") else TOLERANCE
    assert (found.rows, found.labels) == (2000, 0)
    assert found.numbers <= tolerance


@pytest.mark.parametrize("seed", range(100, 104))
def test_random_ensembles_add_up_as_the_plain_evaluator(seed: int) -> None:
    """To the last bit, with sets, missing values, vectors and both precisions."""
    rng = np.random.default_rng(seed)
    for _ in range(20):
        ensemble = random_ensemble(rng)
        X, g = random_rows(rng, ensemble), Graph()
        total = write_sums(g, ensemble, g.input(INPUT, FEATURES))
        kind = FLOAT if ensemble.add is np.float32 else DOUBLE
        graph = portable(g.model({"sums": (total, kind, [None, ensemble.n_outputs])}), "_")
        assert {each.domain: each.version for each in graph.opset_import} == {"": 17, "ai.onnx.ml": 3}
        session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
        found: Any = session.run(None, {INPUT: X})[0]
        assert (found == sums(ensemble, X)).all()
