"""What models of every task predict, bare and packed, and which ones are refused."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from msgspec import UNSET
from msgspec.structs import replace
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin, ClusterMixin
from sklearn.cluster import (
    DBSCAN,
    AffinityPropagation,
    AgglomerativeClustering,
    Birch,
    BisectingKMeans,
    FeatureAgglomeration,
    KMeans,
    MeanShift,
)
from sklearn.compose import TransformedTargetRegressor
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import IsolationForest, RandomForestClassifier, RandomForestRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeClassifier, SGDOneClassSVM
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.neighbors import KernelDensity, KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from function.errors import BadRow, Refused
from function.inference.prediction import check_finite
from function.model.bundle import JOBLIB, read_bundle, write_bundle
from function.model.engines.sklearn import dense
from function.model.loaded import load
from function.model.manifest import Feature, Golden, Manifest, Origin, Output, check
from function.model.outputs import Outputs, joined
from model_training.bundling.building import Packed, build_bundle, prediction_of
from model_training.data.dataset import Dataset
from model_training.publishing.gate import compare
from model_training.publishing.identity import Identity, identify, labels_of
from tests.support.bad_files import dumped
from tests.support.commands import run
from tests.support.task_models import TASK_MODELS, rows
from tests.support.variants import LIMIT

CHANCE = np.random.default_rng(0)
X = pd.DataFrame(CHANCE.normal(size=(60, 3)), columns=["a", "b", "c"])
VALUES = np.column_stack([X["a"] + X["b"], X["c"] * 2])
FLAGS = (X.to_numpy() > 0).astype(int)
TEXTS = np.column_stack([np.where(X["a"] > 0, "x", "long"), np.where(X["b"] > 0, "late", "on")])
NUMBERS = np.column_stack([np.where(X["a"] > 0, 1, 2), np.where(X["b"] > 0.5, 3, np.where(X["b"] < -1, 4, 5))])

FITTED: dict[str, list[Callable[[], Any]]] = {
    "outlier": [
        lambda: SGDOneClassSVM(random_state=0).fit(X),
        lambda: make_pipeline(StandardScaler(), IsolationForest(n_estimators=5, random_state=0)).fit(X),
    ],
    "cluster": [
        lambda: MeanShift().fit(X),
        lambda: AffinityPropagation(random_state=0).fit(X),
        lambda: AffinityPropagation(max_iter=1).fit(X),
        lambda: Birch(n_clusters=3).fit(X),
        lambda: Birch(n_clusters=AgglomerativeClustering(4)).fit(X),
        lambda: BisectingKMeans(3, random_state=0).fit(X),
        lambda: BayesianGaussianMixture(n_components=3, random_state=0).fit(X),
        lambda: GridSearchCV(GaussianMixture(random_state=0), {"n_components": [2, 3]}).fit(X),
        lambda: make_pipeline(StandardScaler(), KMeans(3, random_state=0)).fit(X),
    ],
    "multioutput-regression": [
        lambda: Ridge().fit(X, VALUES),
        lambda: RandomForestRegressor(5, random_state=0).fit(X, VALUES),
        lambda: DecisionTreeRegressor().fit(X, VALUES),
        lambda: KNeighborsRegressor(2).fit(X, VALUES),
        lambda: MultiOutputRegressor(Ridge()).fit(X, VALUES),
        lambda: RegressorChain(Ridge()).fit(X, VALUES),
        lambda: PLSRegression(2).fit(X, VALUES),
        lambda: KernelRidge().fit(X, VALUES),
        lambda: DummyRegressor().fit(X, VALUES),
        lambda: TransformedTargetRegressor(Ridge(), transformer=StandardScaler()).fit(X, VALUES),
        lambda: make_pipeline(StandardScaler(), LinearRegression()).fit(X, VALUES),
    ],
    "multioutput-classification": [
        *(
            lambda kind=kind, target=target: kind.fit(X, target)
            for target in (FLAGS, TEXTS, NUMBERS)
            for kind in (
                DecisionTreeClassifier(max_depth=3),
                RandomForestClassifier(5, random_state=0),
                KNeighborsClassifier(2),
                MultiOutputClassifier(LogisticRegression()),
                DummyClassifier(),
            )
        ),
        lambda: OneVsRestClassifier(LogisticRegression()).fit(X, FLAGS),
        lambda: OneVsRestClassifier(LogisticRegression()).fit(X, csr_matrix(FLAGS)),
        lambda: ClassifierChain(LogisticRegression()).fit(X, FLAGS),
        lambda: RidgeClassifier().fit(X, FLAGS),
        lambda: MLPClassifier(max_iter=20).fit(X, FLAGS),
        lambda: MultiOutputClassifier(LogisticRegression()).fit(X, FLAGS[:, :1]),
    ],
    "regression": [
        lambda: KNeighborsRegressor(2).fit(X, VALUES[:, :1]),
        lambda: MultiOutputRegressor(Ridge()).fit(X, VALUES[:, :1]),
    ],
}
CASES = [(task, i) for task, models in FITTED.items() for i in range(len(models))]


def packed_of(model: Any, table: pd.DataFrame = X) -> Packed:
    """Pack a model with its rows."""
    return build_bundle(model, Dataset("m", table, None, Origin("o", "0" * 64, 1)), None, seed=0)


def name_of(task: str, number: int) -> str:
    """Name a case."""
    return f"{task} {number}"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", ["bare", "packed"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: name_of(*case))
def test_predictions_are_those_of_scikit_learn(case: tuple[str, int], way: str) -> None:
    """Labels, scores and probabilities, of all rows at once and of each alone."""
    task, number = case
    model = FITTED[task][number]()
    live = load(dumped(model) if way == "bare" else packed_of(model).data, None, LIMIT)
    assert live.manifest.task == task
    outputs, wanted = live.predict_columns([X[name].to_numpy() for name in X]), dense(model.predict(X))
    if task == "regression":
        assert outputs.labels == pytest.approx(wanted.reshape(-1), rel=1e-12)
        return
    if task == "multioutput-regression":  # Matrix products depend on where the numbers are in memory.
        assert outputs.labels == pytest.approx(wanted, rel=1e-12)
    else:
        assert outputs.labels.tolist() == wanted.tolist()
    known = [output.classes or () for output in live.manifest.predicted_outputs] or [live.manifest.classes or ()]
    if task not in ("multioutput-regression", "regression"):
        columns = outputs.labels.reshape(len(X), -1).T.tolist()
        assert all(set(column) <= set(classes) for column, classes in zip(columns, known, strict=True))
        assert {type(value) for classes in known for value in classes} == {type(columns[0][0])}
    assert (outputs.scores is not None) == live.has_scores == (task == "outlier")
    if outputs.scores is not None:
        assert outputs.scores.tolist() == model.decision_function(X).tolist()
    mixture = task == "cluster" and hasattr(model, "predict_proba")
    assert (outputs.probabilities is not None) == live.has_probabilities == mixture
    if outputs.probabilities is not None:
        assert outputs.probabilities.tolist() == model.predict_proba(X).tolist()
    assert live.predict_columns([X[name].to_numpy()[:0] for name in X]).labels.shape == (0, *wanted.shape[1:])


REFUSED: dict[str, Callable[[], Any]] = {
    "LocalOutlierFactor without predict: fit it with novelty=True": lambda: LocalOutlierFactor().fit(X),
    "DBSCAN without predict: it assigns no cluster to new rows": lambda: DBSCAN().fit(X),
    "FeatureAgglomeration without predict": lambda: FeatureAgglomeration(2).fit(X),
    "KernelDensity without predict": lambda: KernelDensity().fit(X),
    "PCA without predict": lambda: make_pipeline(StandardScaler(), PCA()).fit(X),
    "LogisticRegression without classes: is it fitted": LogisticRegression,
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_predicts_nothing_for_new_rows_is_refused(reason: str) -> None:
    """By the name of its class, bare and packed."""
    model = REFUSED[reason]()
    for attempt in (lambda: load(dumped(model), None, LIMIT), lambda: packed_of(model)):
        with pytest.raises(Refused, match=f"an object of the class {reason}"):
            attempt()


class Counted(BaseEstimator, ClusterMixin):  # type: ignore[misc]
    """A clusterer that does not tell how many clusters there are."""

    def predict(self, table: Any) -> Any:
        """Predict."""
        return np.zeros(len(table), dtype=int)


class Mixed(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose outputs have classes of different types, or whose predictions have three dimensions."""

    def __init__(self, labels: Any = None) -> None:
        """Keep the prediction for a row."""
        self.labels = labels
        self.classes_: Any = [np.array([1, 2]), np.array(["a", "b"])]

    def predict(self, table: Any) -> Any:
        """Predict."""
        return np.array([self.labels] * len(table), dtype=object)


def test_what_cannot_be_described_is_refused() -> None:
    """A number of clusters that is unknown, a matrix of several types, a tensor."""
    with pytest.raises(Refused, match="Counted without cluster_centers_"):
        prediction_of(Counted(), X)
    with pytest.raises(Refused, match="Mixed whose outputs have classes of different types"):
        prediction_of(Mixed([1, "a"]), X)
    with pytest.raises(Refused, match="Mixed whose outputs have classes of different types"):
        prediction_of(Mixed([1, 2, 3]), X)
    flat = Mixed([[1, 2]])
    flat.classes_ = np.array([1, 2])
    with pytest.raises(Refused, match=r"Mixed that predicts an array of shape \(1, 1, 2\)"):
        prediction_of(flat, X)


@pytest.fixture(scope="module", params=["isolation-forest", "gaussian-mixture", "two-values", "two-texts"])
def packed(request: pytest.FixtureRequest) -> Packed:
    """A bundle of each task."""
    model = TASK_MODELS[request.param]()
    return packed_of(model, rows()[list(model.feature_names_in_)])


def with_manifest(packed: Packed, **changes: Any) -> bytes:
    """Write the bundle again with another manifest."""
    bundle = read_bundle(packed.data, LIMIT)
    return write_bundle(replace(packed.manifest, **changes), {JOBLIB: bundle.read(JOBLIB)})


def test_golden_rows_are_compared(packed: Packed) -> None:
    """One other label, value or score is enough."""
    golden = packed.manifest.golden
    assert golden
    assert load(with_manifest(packed), None, LIMIT).manifest.task == packed.manifest.task
    first: Any = golden.labels[0]
    other = (*first[:-1], first[-1] * 2) if isinstance(first, tuple) else first - 5
    changed = [replace(golden, labels=(other, *golden.labels[1:]))]
    if golden.scores:
        changed.append(replace(golden, scores=(golden.scores[0] + 1e-3, *golden.scores[1:])))
    for each in changed:
        with pytest.raises(Refused, match="than in training"):
            load(with_manifest(packed, golden=each), None, LIMIT)


CONTRADICTIONS: dict[str, dict[str, Any]] = {
    "must have the classes -1 and 1": {"task": "outlier", "classes": (0, 1)},
    "classifiers must list classes": {"task": "cluster", "classes": None},
    "must list them, and others none": {"task": "multioutput-regression", "classes": None},
    "two outputs have the same name": {"task": "multioutput-regression", "outputs": (Output("y"), Output("y"))},
    "each output of a classification": {"task": "multioutput-classification", "outputs": (Output("y"),)},
    "and of a regression none": {"task": "multioutput-regression", "outputs": (Output("y", (1,)),)},
    "one label for each output": {"outputs": (Output("y"), Output("z")), "golden": Golden(((1,),), (1.0,))},
    "must have scores": {"task": "outlier", "classes": (-1, 1), "golden": Golden(((1,),), (1,))},
    "and no others, must have scores": {"task": "regression", "golden": Golden(((1,),), (1.0,), scores=(0.5,))},
}


@pytest.mark.parametrize("problem", CONTRADICTIONS)
def test_a_manifest_does_not_contradict_itself(problem: str) -> None:
    """Task, classes, outputs and golden rows fit together."""
    fields: dict[str, Any] = {"task": "multioutput-regression", **CONTRADICTIONS[problem]}
    feature = Feature("a", "number")
    with pytest.raises(Refused, match=problem):
        check(Manifest(name="m", features=(feature,), encoded=("a",), **fields))


def test_old_manifests_stay_as_they_were() -> None:
    """The new fields are not in what is hashed."""
    manifest = Manifest(name="m", task="regression", features=(), encoded=("a",), golden=Golden(((),), (1.0,)))
    assert not {"outputs", "scores"} & set(re.findall(r"\w+", msgspec.json.encode(manifest).decode()))


def test_scores_follow_their_rows() -> None:
    """Through parts, masks and joining; one that is not finite is no prediction."""
    outputs = Outputs(np.array([1, -1, 1]), scores=np.array([0.5, -0.5, 0.25]))
    both = joined([outputs.part(0, 1), outputs.part(1, 3)])
    assert both.scores is not None
    assert both.scores.tolist() == [0.5, -0.5, 0.25]
    chosen = both.of(np.array([True, False, True])).scores
    assert chosen is not None
    assert chosen.tolist() == [0.5, 0.25]
    with pytest.raises(BadRow) as raised:
        check_finite(Outputs(np.array([1, -1]), scores=np.array([1.0, np.inf])))
    assert raised.value.row == 1


def test_the_gate_compares_what_there_is(packed: Packed) -> None:
    """Not a metric, but features and outputs; a bundle has no metric among its labels either."""
    identity = identify(packed.data)
    result = compare(identity, identity, 0.0)
    assert (result.worse, result.changes) == ("", ())
    assert result.notes == (f"no metric is compared: models of the task {packed.manifest.task} have none",)
    assert set(labels_of(identity)) == {"version", "name"}
    outputs = packed.manifest.predicted_outputs
    if outputs:
        fewer = Identity("1", replace(packed.manifest, outputs=outputs[:1]))
        (_, note) = compare(fewer, identity, 0.0).notes
        assert note.startswith("the outputs are now y0")
        assert "y1" in note.partition(", were ")[2]


def test_pack_leaves_the_target_out(tmp_path: Path) -> None:
    """Such a model has no metrics; `pack` says so, and the other columns are its features."""
    sample, model = tmp_path / "sample.csv", tmp_path / "model.joblib"
    rows().assign(label=1).to_csv(sample, index=False)
    model.write_bytes(dumped(TASK_MODELS["two-values"]()))
    out = tmp_path / "model.zip"
    result = run("pack", model, "--data", sample, "--target", "label", "--out", out)
    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    assert "'label' is left out, and the model is not evaluated: the task multioutput-regression has no metrics" in said
    assert "y0, y1" in said
    manifest = read_bundle(out.read_bytes(), LIMIT).manifest
    assert (manifest.task, manifest.target, manifest.metrics) == ("multioutput-regression", UNSET, {})
    assert manifest.predicted_outputs == (Output("y0"), Output("y1"))
