"""Models of every kind that is served exactly, on columns that are hard to get right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn import ensemble, linear_model, naive_bayes, svm, tree
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)

from function.model.date_parts import DateParts

ROWS = 400
NUMBERS = ["normal", "price", "id", "epoch", "count", "small"]
TEXTS = ["city", "size"]
DATES = ["ordered", "paid"]


@dataclass(frozen=True)
class Data:
    """A table with a target of each kind."""

    X: pd.DataFrame
    two: Any
    three: Any
    value: Any


def hard_columns(*, missing: bool = False, seed: int = 3) -> Data:
    """Make normals, prices, ids near 1e8, seconds since 1970, counts, thousandths and text."""
    rng = np.random.default_rng(seed)
    columns = {
        "normal": rng.normal(size=ROWS),
        "price": np.round(rng.integers(1, 500, ROWS) / 5 + 0.99, 2),
        "id": 1e8 + 37.0 * rng.integers(0, 900, ROWS),
        "epoch": 1.7e9 + 61.0 * rng.integers(0, 100_000, ROWS),
        "count": rng.integers(0, 8, ROWS),
        "small": rng.normal(size=ROWS) * 1e-3,
        "city": rng.choice(["Bern", "Lima", "Oslo", "Pune"], ROWS, p=[0.4, 0.3, 0.29, 0.01]).astype(object),
        "size": rng.choice([1, 2, 5, 12], ROWS),
    }
    X = pd.DataFrame(columns)
    signal = X["normal"] + X["count"] / 4 + (X["city"] == "Lima") + 500 * X["small"] + X["price"] / 60 - 2
    value = (signal + rng.normal(size=ROWS) / 3).to_numpy()
    if missing:
        for name in ("normal", "price", "epoch", "city"):
            X[name] = X[name].where(rng.random(ROWS) > 0.15, np.nan)
    # A generator of its own: the other columns stay as they are.
    days = np.random.default_rng(seed + 1)
    since = np.datetime64("2019-12-30T22:00:00", "s") + 3607 * days.integers(0, 20_000, ROWS)
    X["ordered"] = since
    X["paid"] = (since + 86_400 * days.integers(0, 40, ROWS)).astype("datetime64[D]").astype("datetime64[s]")
    if missing:
        X["paid"] = X["paid"].where(days.random(ROWS) > 0.15)
    return Data(X, np.where(value > 0.5, "late", "early"), np.digitize(value, [0, 1]) + 4, value)


FULL, LACKING = hard_columns(), hard_columns(missing=True)


@dataclass(frozen=True)
class Configuration:
    """A model and what it is fitted on."""

    model: Any
    target: str
    data: Data = FULL
    columns: tuple[str, ...] = (*NUMBERS, *TEXTS)

    def fitted(self) -> tuple[Any, pd.DataFrame, pd.DataFrame]:
        """Fit the model; return it with the rows of training and those held out."""
        X = self.data.X[list(self.columns)]
        y = getattr(self.data, self.target)
        half = 3 * len(X) // 4
        return self.model.fit(X.head(half), y[:half]), X.head(half), X.tail(len(X) - half)


def one_hot(numbers: Any = "passthrough", **options: Any) -> ColumnTransformer:
    """Encode text as columns of ones, and numbers with a transformer."""
    return ColumnTransformer(
        [("text", OneHotEncoder(**{"handle_unknown": "ignore", **options}), TEXTS), ("numbers", numbers, NUMBERS)]
    )


def scaled(estimator: Any, numbers: Any = None) -> Pipeline:
    """Put scaled numbers and one-hot text before an estimator."""
    return make_pipeline(one_hot(numbers or StandardScaler(), sparse_output=False), estimator)


def imputed(estimator: Any, **options: Any) -> Pipeline:
    """Fill in what is missing before an estimator."""
    text = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    numbers = make_pipeline(SimpleImputer(**options), StandardScaler())
    return make_pipeline(ColumnTransformer([("text", text, TEXTS), ("numbers", numbers, NUMBERS)]), estimator)


def dated(estimator: Any, data: Data, *, one_hot: bool) -> Configuration:
    """Put the parts of dates, scaled if they are one-hot, and one-hot text before an estimator."""
    parts: Any = DateParts(one_hot=one_hot)
    encoded = make_pipeline(parts, SimpleImputer(strategy="median"), StandardScaler()) if one_hot else parts
    text = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer([("dates", encoded, DATES), ("text", text, TEXTS)])
    return Configuration(make_pipeline(columns, estimator), "two", data, (*TEXTS, *DATES))


def bare(model: Any, target: str, data: Data = FULL) -> Configuration:
    """Fit an estimator on numbers as they are."""
    return Configuration(model, target, data, tuple(NUMBERS))


def numeric(transformer: Any, estimator: Any | None = None) -> Configuration:
    """Put a transformer of numbers before an estimator, beside one-hot text."""
    last = linear_model.LogisticRegression(max_iter=50) if estimator is None else estimator
    return Configuration(scaled(last, transformer), "two")


def of_functions() -> ColumnTransformer:
    """Apply functions of numpy to columns of floats."""
    names = ("abs", "square", "sign", "floor", "ceil", "rint", "negative", "exp", "tanh", "sin", "expm1")
    parts = [(name, FunctionTransformer(getattr(np, name)), ["normal", "small"]) for name in names]
    positive = [(name, FunctionTransformer(getattr(np, name)), ["price"]) for name in ("log", "sqrt", "log1p", "log10")]
    return ColumnTransformer([*parts, *positive, ("text", OneHotEncoder(handle_unknown="ignore"), TEXTS)])


SEED = {"random_state": 0}
FEW = {"n_estimators": 12, **SEED}
HGB = {"max_iter": 15, "min_samples_leaf": 5, **SEED}
Hist = ensemble.HistGradientBoostingClassifier
HistRegressor = ensemble.HistGradientBoostingRegressor

TREES: Mapping[str, Callable[[], Configuration]] = {
    "decision tree, text labels": lambda: bare(tree.DecisionTreeClassifier(**SEED), "two"),
    "decision tree, three classes, ties": lambda: bare(tree.DecisionTreeClassifier(max_depth=3, **SEED), "three"),
    "decision tree behind a scaler": lambda: Configuration(scaled(tree.DecisionTreeClassifier(**SEED)), "two"),
    "decision tree regression": lambda: bare(tree.DecisionTreeRegressor(**SEED), "value"),
    "decision tree regression behind a scaler": lambda: Configuration(
        scaled(tree.DecisionTreeRegressor(**SEED)), "value"
    ),
    "decision tree, missing values": lambda: bare(tree.DecisionTreeClassifier(**SEED), "two", LACKING),
    "decision tree, absolute error": lambda: bare(
        tree.DecisionTreeRegressor(criterion="absolute_error", max_depth=4, **SEED), "value"
    ),
    "extra tree": lambda: bare(tree.ExtraTreeClassifier(**SEED), "three"),
    "extra tree regression": lambda: bare(tree.ExtraTreeRegressor(**SEED), "value"),
    "forest of two classes, ties": lambda: bare(ensemble.RandomForestClassifier(max_depth=3, **FEW), "two"),
    "forest of three classes": lambda: bare(ensemble.RandomForestClassifier(**FEW), "three"),
    "forest, missing values": lambda: bare(ensemble.RandomForestClassifier(**FEW), "three", LACKING),
    "forest regression": lambda: bare(ensemble.RandomForestRegressor(**FEW), "value"),
    "forest behind an encoder": lambda: Configuration(scaled(ensemble.RandomForestClassifier(**FEW)), "two"),
    "extra trees": lambda: bare(ensemble.ExtraTreesClassifier(**FEW), "two"),
    "extra trees regression": lambda: bare(ensemble.ExtraTreesRegressor(**FEW), "value"),
    "gradient boosting": lambda: bare(ensemble.GradientBoostingClassifier(**FEW), "two"),
    "gradient boosting, exponential": lambda: bare(
        ensemble.GradientBoostingClassifier(loss="exponential", **FEW), "two"
    ),
    "gradient boosting of three classes": lambda: bare(ensemble.GradientBoostingClassifier(**FEW), "three"),
    "gradient boosting regression": lambda: bare(ensemble.GradientBoostingRegressor(**FEW), "value"),
    "gradient boosting, huber": lambda: bare(ensemble.GradientBoostingRegressor(loss="huber", **FEW), "value"),
    "gradient boosting, quantile": lambda: bare(ensemble.GradientBoostingRegressor(loss="quantile", **FEW), "value"),
    "gradient boosting, absolute error": lambda: bare(
        ensemble.GradientBoostingRegressor(loss="absolute_error", init="zero", **FEW), "value"
    ),
    "gradient boosting behind imputers": lambda: Configuration(
        imputed(ensemble.GradientBoostingClassifier(**FEW)), "two", LACKING
    ),
    "histogram boosting": lambda: bare(Hist(**HGB), "two"),
    "histogram boosting of three classes": lambda: bare(Hist(**HGB), "three"),
    "histogram boosting, missing values": lambda: bare(Hist(**HGB), "two", LACKING),
    "histogram boosting regression": lambda: bare(HistRegressor(**HGB), "value"),
    "histogram boosting, poisson": lambda: Configuration(
        make_pipeline(one_hot(sparse_output=False), HistRegressor(loss="poisson", **HGB)), "three"
    ),
    "histogram boosting, gamma": lambda: bare(HistRegressor(loss="gamma", **HGB), "three"),
    "histogram boosting, quantile": lambda: bare(HistRegressor(loss="quantile", quantile=0.3, **HGB), "value"),
    "histogram boosting, absolute error": lambda: bare(HistRegressor(loss="absolute_error", **HGB), "value"),
    "histogram boosting, numbers as categories": lambda: bare(Hist(categorical_features=[4], **HGB), "two", LACKING),
    "histogram boosting behind an encoder": lambda: Configuration(
        make_pipeline(one_hot(sparse_output=False), Hist(**HGB)), "two", LACKING
    ),
    "histogram boosting behind ordinal codes": lambda: Configuration(
        make_pipeline(
            ColumnTransformer(
                [("text", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan), TEXTS)],
                remainder="passthrough",
            ),
            HistRegressor(categorical_features=[0, 1], **HGB),
        ),
        "value",
    ),
}

LINEAR: Mapping[str, Callable[[], Configuration]] = {
    "logistic regression": lambda: Configuration(scaled(linear_model.LogisticRegression()), "two"),
    "logistic regression of three classes": lambda: Configuration(scaled(linear_model.LogisticRegression()), "three"),
    "logistic regression, liblinear": lambda: Configuration(
        scaled(linear_model.LogisticRegression(solver="liblinear")), "two"
    ),
    "logistic regression, missing values": lambda: Configuration(
        imputed(linear_model.LogisticRegression(), add_indicator=True), "two", LACKING
    ),
    "logistic regression, searched": lambda: Configuration(
        GridSearchCV(scaled(linear_model.LogisticRegression()), {"logisticregression__C": [0.1, 1]}, cv=2), "two"
    ),
    "linear regression": lambda: Configuration(scaled(linear_model.LinearRegression()), "value"),
    "ridge": lambda: Configuration(scaled(linear_model.Ridge()), "value"),
    "ridge classifier": lambda: Configuration(scaled(linear_model.RidgeClassifier()), "three"),
    "ridge classifier of two": lambda: Configuration(scaled(linear_model.RidgeClassifierCV()), "two"),
    "lasso": lambda: Configuration(scaled(linear_model.Lasso(alpha=0.01)), "value"),
    "elastic net": lambda: Configuration(scaled(linear_model.ElasticNet(alpha=0.01)), "value"),
    "bayesian ridge": lambda: Configuration(scaled(linear_model.BayesianRidge()), "value"),
    "huber": lambda: Configuration(scaled(linear_model.HuberRegressor(max_iter=500)), "value"),
    "quantile regression": lambda: Configuration(scaled(linear_model.QuantileRegressor(alpha=0.01)), "value"),
    "descent, logistic": lambda: Configuration(scaled(linear_model.SGDClassifier(loss="log_loss", **SEED)), "two"),
    "descent, logistic of three classes": lambda: Configuration(
        scaled(linear_model.SGDClassifier(loss="log_loss", **SEED)), "three"
    ),
    "descent, modified huber": lambda: Configuration(
        scaled(linear_model.SGDClassifier(loss="modified_huber", **SEED)), "two"
    ),
    "descent, modified huber of three classes": lambda: Configuration(
        scaled(linear_model.SGDClassifier(loss="modified_huber", **SEED)), "three"
    ),
    "descent, hinge": lambda: Configuration(scaled(linear_model.SGDClassifier(**SEED)), "three"),
    "descent, regression": lambda: Configuration(scaled(linear_model.SGDRegressor(**SEED)), "value"),
    "perceptron": lambda: Configuration(scaled(linear_model.Perceptron(**SEED)), "three"),
    "linear SVM": lambda: Configuration(scaled(svm.LinearSVC(**SEED)), "two"),
    "linear SVM of three classes": lambda: Configuration(scaled(svm.LinearSVC(**SEED)), "three"),
    "linear SVM, regression": lambda: Configuration(scaled(svm.LinearSVR(**SEED)), "value"),
    "poisson": lambda: Configuration(scaled(linear_model.PoissonRegressor()), "three"),
    "gamma": lambda: Configuration(scaled(linear_model.GammaRegressor()), "three"),
    "tweedie": lambda: Configuration(scaled(linear_model.TweedieRegressor(power=1.5)), "three"),
    "discriminant analysis": lambda: Configuration(scaled(LinearDiscriminantAnalysis()), "three"),
    "discriminant analysis of two": lambda: Configuration(scaled(LinearDiscriminantAnalysis()), "two"),
    "naive Bayes over counts": lambda: Configuration(
        scaled(naive_bayes.MultinomialNB(), MinMaxScaler(clip=True)), "three"
    ),
}

ENCODERS: Mapping[str, Callable[[], Configuration]] = {
    "min-max": lambda: numeric(MinMaxScaler(clip=True)),
    "dates, one-hot": lambda: dated(linear_model.LogisticRegression(), FULL, one_hot=True),
    "dates, one-hot, missing": lambda: dated(linear_model.LogisticRegression(), LACKING, one_hot=True),
    "dates as numbers": lambda: dated(ensemble.GradientBoostingClassifier(**FEW), FULL, one_hot=False),
    "dates as numbers, missing": lambda: dated(Hist(**HGB), LACKING, one_hot=False),
    "max-abs": lambda: numeric(MaxAbsScaler()),
    "robust": lambda: numeric(RobustScaler()),
    "binarizer": lambda: numeric(Binarizer(threshold=3.99), tree.DecisionTreeClassifier(**SEED)),
    "bins": lambda: numeric(KBinsDiscretizer(5, encode="onehot-dense", strategy="quantile"), None),
    "bins of k-means, ordinal": lambda: numeric(
        KBinsDiscretizer(4, encode="ordinal", strategy="kmeans", random_state=0),
        ensemble.RandomForestClassifier(**FEW),
    ),
    "bins of equal width": lambda: numeric(KBinsDiscretizer(6, strategy="uniform", encode="onehot")),
    "splines": lambda: numeric(SplineTransformer()),
    "splines that continue": lambda: numeric(
        make_pipeline(StandardScaler(), SplineTransformer(degree=2, extrapolation="continue", include_bias=False))
    ),
    "polynomials": lambda: numeric(make_pipeline(StandardScaler(), PolynomialFeatures(3))),
    "polynomials before trees": lambda: numeric(PolynomialFeatures((2, 3)), tree.DecisionTreeClassifier(**SEED)),
    "interactions": lambda: numeric(
        make_pipeline(RobustScaler(), PolynomialFeatures(2, interaction_only=True, include_bias=False))
    ),
    "power": lambda: numeric(PowerTransformer()),
    "norms": lambda: numeric(make_pipeline(StandardScaler(), Normalizer())),
    "functions": lambda: Configuration(
        make_pipeline(of_functions(), StandardScaler(with_mean=False), linear_model.LogisticRegression()), "two"
    ),
    "drop first": lambda: Configuration(
        make_pipeline(one_hot(StandardScaler(), drop="first", handle_unknown="error"), linear_model.Ridge()), "value"
    ),
    "rare categories": lambda: Configuration(
        make_pipeline(
            one_hot(StandardScaler(), min_frequency=20, handle_unknown="infrequent_if_exist"),
            linear_model.LogisticRegression(),
        ),
        "two",
    ),
    "missing category": lambda: Configuration(
        make_pipeline(one_hot(SimpleImputer(), sparse_output=False), StandardScaler(), linear_model.Ridge()),
        "value",
        LACKING,
    ),
    "ordinal codes": lambda: Configuration(
        make_pipeline(
            ColumnTransformer([("text", OrdinalEncoder(), TEXTS), ("numbers", "passthrough", NUMBERS)]),
            ensemble.RandomForestRegressor(**FEW),
        ),
        "value",
    ),
    "target encoding": lambda: Configuration(
        make_pipeline(
            ColumnTransformer([("text", TargetEncoder(cv=KFold(3)), TEXTS)], remainder=StandardScaler()),
            linear_model.LogisticRegression(),
        ),
        "two",
    ),
    "constant for missing text": lambda: Configuration(
        make_pipeline(
            ColumnTransformer(
                [
                    (
                        "text",
                        make_pipeline(SimpleImputer(strategy="constant", fill_value="?"), OneHotEncoder()),
                        ["city"],
                    ),
                    ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), NUMBERS),
                ],
            ),
            linear_model.LogisticRegression(),
        ),
        "two",
        LACKING,
    ),
    "union with indicators": lambda: Configuration(
        make_pipeline(
            FeatureUnion(
                [
                    ("lacking", ColumnTransformer([("marks", MissingIndicator(features="all"), NUMBERS)])),
                    ("filled", one_hot(make_pipeline(SimpleImputer(), StandardScaler()))),
                ],
                transformer_weights={"lacking": 0.5},
            ),
            linear_model.LogisticRegression(),
        ),
        "two",
        LACKING,
    ),
}


def composed(estimator: Any, target: str = "two", numbers: Any = None) -> Configuration:
    """Put an encoder before an estimator of several parts."""
    return Configuration(scaled(estimator, numbers), target)


LOGISTIC = linear_model.LogisticRegression(max_iter=200)
TREE = tree.DecisionTreeClassifier(max_depth=3, **SEED)
FOREST = ensemble.RandomForestClassifier(n_estimators=5, max_depth=4, **SEED)
BOOSTED = ensemble.GradientBoostingClassifier(n_estimators=5, **SEED)
CLASSIFIERS = [("logistic", LOGISTIC), ("forest", FOREST), ("boosted", BOOSTED)]
REGRESSORS = [("ridge", linear_model.Ridge()), ("tree", tree.DecisionTreeRegressor(max_depth=4, **SEED))]

COMPOSITIONS: Mapping[str, Callable[[], Configuration]] = {
    "voting, soft": lambda: composed(ensemble.VotingClassifier(CLASSIFIERS, voting="soft"), "three"),
    "voting, soft with weights": lambda: composed(
        ensemble.VotingClassifier(CLASSIFIERS, voting="soft", weights=[1, 2, 0.5])
    ),
    "voting, hard": lambda: composed(ensemble.VotingClassifier(CLASSIFIERS), "three"),
    "voting, hard with weights": lambda: composed(ensemble.VotingClassifier(CLASSIFIERS, weights=[1, 2, 1])),
    "voting regression": lambda: composed(ensemble.VotingRegressor(REGRESSORS), "value"),
    "bagging": lambda: composed(ensemble.BaggingClassifier(TREE, max_features=0.7, **FEW), "three"),
    "bagging of votes": lambda: composed(ensemble.BaggingClassifier(svm.LinearSVC(**SEED), **FEW)),
    "bagging regression": lambda: composed(ensemble.BaggingRegressor(**FEW), "value"),
    "AdaBoost": lambda: composed(ensemble.AdaBoostClassifier(TREE, **FEW), "two"),
    "AdaBoost of three classes": lambda: composed(ensemble.AdaBoostClassifier(**FEW), "three"),
    "stacking": lambda: composed(ensemble.StackingClassifier(CLASSIFIERS, LOGISTIC, cv=2)),
    "stacking of three classes, passed through": lambda: composed(
        ensemble.StackingClassifier(CLASSIFIERS, LOGISTIC, cv=2, passthrough=True), "three"
    ),
    "stacking regression": lambda: composed(
        ensemble.StackingRegressor(REGRESSORS, linear_model.Ridge(), cv=2), "value"
    ),
    "calibrated, sigmoid": lambda: composed(CalibratedClassifierCV(svm.LinearSVC(**SEED), cv=2)),
    "calibrated, isotonic": lambda: composed(CalibratedClassifierCV(LOGISTIC, method="isotonic", cv=2)),
    "calibrated forest": lambda: composed(CalibratedClassifierCV(FOREST, method="isotonic", cv=2), "three"),
    "calibrated, temperature": lambda: composed(CalibratedClassifierCV(BOOSTED, method="temperature", cv=2), "three"),
    "one against the rest": lambda: composed(OneVsRestClassifier(LOGISTIC), "three"),
    "one against the rest, trees": lambda: composed(OneVsRestClassifier(BOOSTED), "three"),
    "one against the rest, two classes": lambda: composed(OneVsRestClassifier(FOREST)),
    "logarithm of the target": lambda: Configuration(
        TransformedTargetRegressor(
            scaled(tree.DecisionTreeRegressor(**SEED)), func=np.log1p, inverse_func=np.expm1, check_inverse=False
        ),
        "three",
    ),
    "scaled target": lambda: Configuration(
        TransformedTargetRegressor(scaled(linear_model.Ridge()), transformer=StandardScaler()), "value"
    ),
    "pipelines inside": lambda: bare(
        ensemble.VotingClassifier(
            [("scaled", make_pipeline(StandardScaler(), LOGISTIC)), ("plain", TREE)], voting="soft"
        ),
        "two",
    ),
}

CONFIGURATIONS = {**TREES, **LINEAR, **ENCODERS, **COMPOSITIONS}
