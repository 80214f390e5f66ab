"""What scikit-learn really fits is read, and predicts as it does when joblib reads it."""

import functools
import io
import pickle
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn import (
    calibration,
    cluster,
    compose,
    decomposition,
    discriminant_analysis,
    dummy,
    ensemble,
    feature_extraction,
    feature_selection,
    gaussian_process,
    impute,
    isotonic,
    kernel_approximation,
    linear_model,
    metrics,
    model_selection,
    multiclass,
    multioutput,
    naive_bayes,
    neighbors,
    neural_network,
    pipeline,
    preprocessing,
    svm,
    tree,
)
from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401 - admits two below
from sklearn.gaussian_process import kernels

from function.model.joblib.unpickle import unpickle

MAX_BYTES = 2**24

_random = np.random.default_rng(0)
ROWS = _random.random((60, 4))
HOLES = np.where(_random.random((60, 4)) < 0.2, np.nan, ROWS)
LABELS = np.array(["no", "yes"])[(ROWS[:, 0] + 0.3 * _random.random(60) > 0.6).astype(int)]
THREE = np.digitize(ROWS[:, 1], [0.3, 0.6])
NUMBERS = ROWS @ [1.0, 2.0, 3.0, 4.0]
WORDS = np.array(["ua", "dl", "aa"], dtype=object)[_random.integers(0, 3, (60, 2))]
TEXTS = [" ".join(row) for row in WORDS]
MIXED = pd.DataFrame({"carrier": WORDS[:, 0], "origin": WORDS[:, 1], "month": THREE, "distance": HOLES[:, 0]})

Fitted = Callable[[], tuple[Any, Any]]


def _fit(estimator: Any, rows: Any = ROWS, target: Any = None) -> Fitted:
    return lambda: (estimator.fit(rows) if target is None else estimator.fit(rows, target), rows)


_classify = functools.partial(_fit, target=LABELS)
_classify_three = functools.partial(_fit, target=THREE)
_regress = functools.partial(_fit, target=NUMBERS)


def _columns() -> Any:
    return compose.make_column_transformer(
        (preprocessing.OneHotEncoder(min_frequency=2, handle_unknown="infrequent_if_exist"), ["carrier"]),
        (preprocessing.OrdinalEncoder(), ["origin"]),
        (preprocessing.TargetEncoder(cv=2), ["carrier", "origin"]),
        (pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler()), ["distance"]),
        ("passthrough", compose.make_column_selector("month")(MIXED)),
    )


_svm = svm.SVC(probability=False, random_state=0)
_tree = tree.DecisionTreeClassifier(max_depth=3, random_state=0)
_logistic = linear_model.LogisticRegression()
_ridge = linear_model.Ridge()
_two = [("logistic", _logistic), ("tree", _tree)]
_kernel = kernels.ConstantKernel() * kernels.RBF() + kernels.WhiteKernel() + kernels.Matern() ** 2

MODELS: Mapping[str, Fitted] = {
    "LogisticRegression": _classify(_logistic),
    "LogisticRegressionCV": _classify(
        linear_model.LogisticRegressionCV(Cs=2, cv=2, scoring="roc_auc", l1_ratios=(0,), use_legacy_attributes=False)
    ),
    "LinearRegression": _regress(linear_model.LinearRegression()),
    "Ridge": _regress(_ridge),
    "RidgeCV": _regress(linear_model.RidgeCV()),
    "Lasso": _regress(linear_model.Lasso(alpha=0.01)),
    "sparse Lasso": _regress(linear_model.Lasso(alpha=0.01)),
    "ElasticNetCV": _regress(linear_model.ElasticNetCV(cv=2, alphas=3)),
    "BayesianRidge": _regress(linear_model.BayesianRidge()),
    "HuberRegressor": _regress(linear_model.HuberRegressor()),
    "PoissonRegressor": _regress(linear_model.PoissonRegressor()),
    "GammaRegressor": _regress(linear_model.GammaRegressor()),
    "TweedieRegressor": _regress(linear_model.TweedieRegressor(power=1.5)),
    "RANSACRegressor": _regress(linear_model.RANSACRegressor(random_state=0)),
    "Perceptron": _classify(linear_model.Perceptron()),
    **{
        f"SGDClassifier, {loss}": _classify(linear_model.SGDClassifier(loss=loss, random_state=0))
        for loss in ("hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron")
    },
    **{
        f"SGDRegressor, {loss}": _regress(linear_model.SGDRegressor(loss=loss, random_state=0))
        for loss in ("huber", "epsilon_insensitive", "squared_epsilon_insensitive")
    },
    "SGDOneClassSVM": _fit(linear_model.SGDOneClassSVM(random_state=0)),
    "DecisionTreeClassifier": _classify_three(_tree),
    "DecisionTreeRegressor": _regress(tree.DecisionTreeRegressor(max_depth=3)),
    "two outputs, DecisionTreeRegressor": _fit(tree.DecisionTreeRegressor(), target=ROWS[:, :2]),
    "RandomForestClassifier": _classify_three(ensemble.RandomForestClassifier(4, random_state=0)),
    "ExtraTreesRegressor": _regress(ensemble.ExtraTreesRegressor(4, random_state=np.random.RandomState(0))),
    "IsolationForest": _fit(ensemble.IsolationForest(n_estimators=4, random_state=0)),
    "HistGradientBoostingClassifier": _classify_three(ensemble.HistGradientBoostingClassifier(max_iter=3)),
    "HistGradientBoostingClassifier, categories": lambda: (
        ensemble.HistGradientBoostingClassifier(max_iter=3, categorical_features=["month"]).fit(
            MIXED[["month", "distance"]], LABELS
        ),
        MIXED[["month", "distance"]],
    ),
    **{
        f"HistGradientBoostingRegressor, {loss}": _regress(
            ensemble.HistGradientBoostingRegressor(loss=loss, quantile=0.5, max_iter=3)
        )
        for loss in ("squared_error", "absolute_error", "gamma", "poisson", "quantile")
    },
    "GradientBoostingClassifier": _classify_three(ensemble.GradientBoostingClassifier(n_estimators=3, random_state=0)),
    "GradientBoostingClassifier, exponential": _classify(
        ensemble.GradientBoostingClassifier(loss="exponential", n_estimators=3)
    ),
    **{
        f"GradientBoostingRegressor, {loss}": _regress(ensemble.GradientBoostingRegressor(loss=loss, n_estimators=3))
        for loss in ("squared_error", "huber", "quantile")
    },
    "AdaBoostClassifier": _classify(ensemble.AdaBoostClassifier(n_estimators=3)),
    "AdaBoostRegressor": _regress(ensemble.AdaBoostRegressor(n_estimators=3)),
    "BaggingClassifier": _classify(ensemble.BaggingClassifier(_logistic, 3, max_features=2)),
    "StackingClassifier": _classify(ensemble.StackingClassifier(_two, cv=2)),
    "StackingRegressor": _regress(ensemble.StackingRegressor([("ridge", _ridge)], cv=2)),
    "VotingClassifier": _classify(ensemble.VotingClassifier(_two, voting="soft")),
    "VotingRegressor": _regress(ensemble.VotingRegressor([("ridge", _ridge)])),
    "SVC": _classify_three(_svm),
    "SVR": _regress(svm.SVR()),
    "LinearSVC": _classify(svm.LinearSVC()),
    "OneClassSVM": _fit(svm.OneClassSVM()),
    **{
        f"KNeighborsClassifier, {algorithm}": _classify(neighbors.KNeighborsClassifier(algorithm=algorithm))
        for algorithm in ("kd_tree", "ball_tree", "brute")
    },
    **{
        f"KNeighborsRegressor, {metric}": _regress(neighbors.KNeighborsRegressor(algorithm="ball_tree", metric=metric))
        for metric in ("manhattan", "chebyshev", "canberra", "braycurtis")
    },
    "KNeighborsRegressor, minkowski": _regress(neighbors.KNeighborsRegressor(p=3, weights="distance")),
    "KNeighborsRegressor, seuclidean": _regress(
        neighbors.KNeighborsRegressor(algorithm="ball_tree", metric="seuclidean", metric_params={"V": np.ones(4)})
    ),
    "KNeighborsRegressor, mahalanobis": _regress(
        neighbors.KNeighborsRegressor(algorithm="ball_tree", metric="mahalanobis", metric_params={"VI": np.eye(4)})
    ),
    "RadiusNeighborsRegressor": _regress(neighbors.RadiusNeighborsRegressor(radius=2.0)),
    "NearestCentroid": _classify(neighbors.NearestCentroid()),
    "LocalOutlierFactor": _fit(neighbors.LocalOutlierFactor(novelty=True)),
    "GaussianProcessRegressor": _regress(gaussian_process.GaussianProcessRegressor(_kernel, optimizer=None)),
    "GaussianProcessClassifier": _classify_three(gaussian_process.GaussianProcessClassifier(optimizer=None)),
    "GaussianNB": _classify(naive_bayes.GaussianNB()),
    "MultinomialNB": _classify(naive_bayes.MultinomialNB()),
    "ComplementNB": _classify(naive_bayes.ComplementNB()),
    "BernoulliNB": _classify(naive_bayes.BernoulliNB(binarize=0.5)),
    "CategoricalNB": _fit(naive_bayes.CategoricalNB(), THREE[:, None], LABELS),
    "MLPClassifier": _classify(neural_network.MLPClassifier((4,), max_iter=500, tol=1e-1, random_state=0)),
    "MLPRegressor": _regress(
        neural_network.MLPRegressor(hidden_layer_sizes=(4,), solver="sgd", max_iter=500, tol=1e-1)
    ),
    "LinearDiscriminantAnalysis": _classify(discriminant_analysis.LinearDiscriminantAnalysis()),
    "QuadraticDiscriminantAnalysis": _classify(discriminant_analysis.QuadraticDiscriminantAnalysis()),
    "IsotonicRegression": lambda: (isotonic.IsotonicRegression().fit(ROWS[:, 0], NUMBERS), np.linspace(0.2, 0.8)),
    "DummyClassifier": _classify(dummy.DummyClassifier(strategy="stratified", random_state=3)),
    "CalibratedClassifierCV, sigmoid": _classify(calibration.CalibratedClassifierCV(_tree, cv=2)),
    "CalibratedClassifierCV, isotonic": _classify(
        calibration.CalibratedClassifierCV(_tree, cv=2, method="isotonic", ensemble=False)
    ),
    "OneVsRestClassifier": _classify_three(multiclass.OneVsRestClassifier(_logistic)),
    "OneVsOneClassifier": _classify_three(multiclass.OneVsOneClassifier(_logistic)),
    "OutputCodeClassifier": _classify_three(multiclass.OutputCodeClassifier(_logistic, random_state=0)),
    "MultiOutputRegressor": _fit(multioutput.MultiOutputRegressor(_ridge), target=ROWS[:, :2]),
    "ClassifierChain": _fit(multioutput.ClassifierChain(_logistic), target=(ROWS > 0.5)[:, :2].astype(int)),
    "GridSearchCV": _classify(
        model_selection.GridSearchCV(_tree, {"max_depth": [1, 2], "criterion": ["gini", "entropy"]}, cv=2)
    ),
    "GridSearchCV, several scores": _classify(
        model_selection.GridSearchCV(
            _tree,
            {"max_depth": [1, 2]},
            cv=model_selection.RepeatedStratifiedKFold(n_splits=2, n_repeats=1, random_state=0),
            scoring={"auc": "roc_auc", "f": metrics.make_scorer(metrics.fbeta_score, beta=2, pos_label="yes")},
            refit="auc",
        )
    ),
    "RandomizedSearchCV": _regress(
        model_selection.RandomizedSearchCV(
            _ridge, {"alpha": [1, 2, 3]}, n_iter=2, cv=model_selection.TimeSeriesSplit(2), scoring="r2", random_state=0
        )
    ),
    "HalvingGridSearchCV": _regress(
        model_selection.HalvingGridSearchCV(_ridge, {"alpha": [1, 2]}, cv=2, min_resources=20, random_state=0)
    ),
    "TunedThresholdClassifierCV": _classify(
        model_selection.TunedThresholdClassifierCV(_logistic, scoring="balanced_accuracy", cv=2)
    ),
    "FixedThresholdClassifier": _classify(model_selection.FixedThresholdClassifier(_logistic, threshold=0.3)),
    "TransformedTargetRegressor": _regress(
        compose.TransformedTargetRegressor(_ridge, func=np.log1p, inverse_func=np.expm1)
    ),
    "ColumnTransformer": lambda: (
        pipeline.make_pipeline(_columns(), linear_model.LogisticRegression()).fit(MIXED, LABELS),
        MIXED,
    ),
    "TargetEncoder": _fit(preprocessing.TargetEncoder(cv=2), WORDS, LABELS),
    "OneHotEncoder": _fit(preprocessing.OneHotEncoder(sparse_output=False, dtype=np.float32), WORDS),
    "SimpleImputer": _fit(impute.SimpleImputer(strategy="median", add_indicator=True), HOLES),
    "KNNImputer": _fit(impute.KNNImputer(), HOLES),
    "IterativeImputer": _fit(impute.IterativeImputer(max_iter=2, tol=10, random_state=0), HOLES),
    "StandardScaler": _fit(preprocessing.StandardScaler()),
    "MinMaxScaler": _fit(preprocessing.MinMaxScaler()),
    "RobustScaler": _fit(preprocessing.RobustScaler()),
    "QuantileTransformer": _fit(preprocessing.QuantileTransformer(n_quantiles=10)),
    "PowerTransformer": _fit(preprocessing.PowerTransformer()),
    "Normalizer": _fit(preprocessing.Normalizer()),
    "PolynomialFeatures": _fit(preprocessing.PolynomialFeatures(2)),
    "KBinsDiscretizer": _fit(preprocessing.KBinsDiscretizer(3, encode="onehot-dense", quantile_method="linear")),
    "SplineTransformer": _fit(preprocessing.SplineTransformer(n_knots=3)),
    **{
        f"FunctionTransformer, {function.__name__}": _fit(preprocessing.FunctionTransformer(function))
        for function in (np.log1p, np.sqrt, np.square, np.abs)
    },
    "FunctionTransformer without a function": _fit(preprocessing.FunctionTransformer()),
    "PCA": _fit(decomposition.PCA(2, random_state=0)),
    "TruncatedSVD": _fit(decomposition.TruncatedSVD(2, random_state=0)),
    "KernelPCA": _fit(decomposition.KernelPCA(2, kernel="rbf", random_state=0)),
    "Nystroem": _fit(kernel_approximation.Nystroem(n_components=4, random_state=0)),
    "FeatureUnion": _fit(pipeline.make_union(preprocessing.MinMaxScaler(), decomposition.PCA(1))),
    "SelectKBest": _classify(feature_selection.SelectKBest(feature_selection.f_classif, k=2)),
    "SelectPercentile": _classify(feature_selection.SelectPercentile(feature_selection.chi2)),
    "SelectFromModel": _classify(feature_selection.SelectFromModel(_logistic)),
    "RFECV": _classify(feature_selection.RFECV(_logistic, cv=2)),
    "CountVectorizer": _fit(feature_extraction.text.CountVectorizer(ngram_range=(1, 2)), TEXTS),
    "TfidfVectorizer": _fit(feature_extraction.text.TfidfVectorizer(), TEXTS),
    "HashingVectorizer": _fit(feature_extraction.text.HashingVectorizer(n_features=16), TEXTS),
    "DictVectorizer": _fit(feature_extraction.DictVectorizer(), [{"a": 1, "b": "x"}, {"a": 2}]),
    "KMeans": _fit(cluster.KMeans(2, n_init=1, random_state=0)),
    "BisectingKMeans": _fit(cluster.BisectingKMeans(3, random_state=0)),
    "Birch": _fit(cluster.Birch(n_clusters=2)),
    "text pipeline": _fit(
        pipeline.make_pipeline(feature_extraction.text.TfidfVectorizer(), neighbors.KNeighborsClassifier()),
        TEXTS,
        LABELS,
    ),
}
"""What fits each, and the rows to try it on."""


@pytest.fixture(params=MODELS, scope="module")
def fitted(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """A fitted model and its rows."""
    with warnings.catch_warnings():
        # What a few rows lack is of no interest here: loading and predicting must not warn, and are not covered.
        warnings.simplefilter("ignore")
        return MODELS[request.param]()


def outcomes(model: Any, rows: Any) -> dict[str, Any]:
    """Return whatever a model has to say of rows."""
    ways = ("predict", "predict_proba", "decision_function", "transform")
    found = {way: getattr(model, way)(rows) for way in ways if hasattr(model, way)}
    return {way: value.toarray() if hasattr(value, "toarray") else np.asarray(value) for way, value in found.items()}


def same(one: Any, other: Any, rows: Any) -> bool:
    """Compare two models to the last bit."""
    ones, others = outcomes(one, rows), outcomes(other, rows)
    assert ones
    return ones.keys() == others.keys() and all(
        value.dtype == others[way].dtype and value.tobytes() == others[way].tobytes()
        if value.dtype != object
        else value.tolist() == others[way].tolist()
        for way, value in ones.items()
    )


@pytest.mark.parametrize("compress", [0, 3])
def test_predicts_as_joblib_loads_it(fitted: tuple[Any, Any], compress: int) -> None:
    """The guarded way and joblib's give the same model."""
    model, rows = fitted
    buffer = io.BytesIO()
    joblib.dump(model, buffer, compress=compress)
    read = unpickle(buffer.getvalue(), MAX_BYTES)
    buffer.seek(0)
    assert same(read.object, joblib.load(buffer), rows)


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_plain_pickle(fitted: tuple[Any, Any], protocol: int) -> None:
    """A model that `pickle.dump` wrote is read as well."""
    model, rows = fitted
    read = unpickle(pickle.dumps(model, protocol=protocol), MAX_BYTES)
    assert same(read.object, model, rows)


def test_scores_of_a_search() -> None:
    """What a search has found out is there too: masked arrays, dates, scores."""
    search, _ = MODELS["GridSearchCV"]()
    read = unpickle(pickle.dumps(search), MAX_BYTES).object
    assert read.cv_results_["param_max_depth"].tolist() == [1, 2, 1, 2]
    assert read.cv_results_["params"] == search.cv_results_["params"]


@pytest.mark.parametrize("name", metrics.get_scorer_names())
def test_scorers(name: str) -> None:
    """Each scorer that scikit-learn knows by name may be part of a search."""
    scorer = metrics.get_scorer(name)
    assert unpickle(pickle.dumps(scorer), MAX_BYTES).object._score_func is scorer._score_func  # noqa: SLF001


@pytest.mark.parametrize(
    "value",
    [
        np.array([["a", None], [1.5, ("x",)]], dtype=object),
        np.array(["2020-01-01"], dtype="M8[D]"),
        np.array([1, 2], dtype="M8[25s]"),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array(3.5),
        np.array([], dtype=float),
        np.zeros((0, 3)),
        np.array(["abc", ""]),
        np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")]),
        np.array([(1, 2.5)], dtype=np.dtype([("a", "i1"), ("b", "f8")], align=True)),
        np.float32(1.5),
        np.str_("abc"),
        np.datetime64("2020-01-01"),
        np.ma.masked_array([1, 2], [True, False]),
        {1, 2},
        frozenset({1.5}),
        slice(1, None, 2),
        {"a": [1, (2, b"\x00")], 3: 1 + 2**80},
        np.dtype("f4"),
        OrderedDict(b=1, a=2),
        np.float64,
    ],
    ids=repr,
)
@pytest.mark.parametrize("write", ["joblib", 0, 2, 5])
def test_values(value: Any, write: str | int) -> None:
    """What attributes are made of comes out as it was put in."""
    buffer = io.BytesIO()
    joblib.dump(value, buffer) if write == "joblib" else buffer.write(pickle.dumps(value, protocol=int(write)))
    read = unpickle(buffer.getvalue(), MAX_BYTES).object
    assert type(read) is type(value)
    if isinstance(value, np.ndarray):
        assert read.shape == value.shape
        assert write == "joblib" or read.dtype == value.dtype
        assert read.flags.writeable
        assert read.flags.f_contiguous == value.flags.f_contiguous
    assert repr(read) == repr(value)


def test_foreign_byte_order() -> None:
    """An array from a machine of another byte order has the same numbers."""
    value = np.array([1, 2], dtype=">i4")
    buffer = io.BytesIO()
    joblib.dump(value, buffer)
    for written in (buffer.getvalue(), pickle.dumps(value)):
        assert unpickle(written, MAX_BYTES).object.tolist() == [1, 2]


@pytest.mark.parametrize("seed", [np.random.RandomState(1), np.random.default_rng(1)], ids=["old", "new"])
def test_random_generators(seed: Any) -> None:
    """A generator goes on where it was."""
    read = unpickle(pickle.dumps(seed), MAX_BYTES).object
    assert read.normal(size=3).tolist() == seed.normal(size=3).tolist()
