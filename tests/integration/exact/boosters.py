"""Models of XGBoost, LightGBM and CatBoost of every kind that is served exactly, on columns that are hard."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

ROWS = 500
FEW, MANY = 12, 300
"""How many categories the last two columns have."""
TREES = 12


def hard_matrix(seed: int = 5) -> Matrix:
    """Make normals, prices, ids near 1e8, counts, seconds since 1970, thousandths, and two columns of categories."""
    rng = np.random.default_rng(seed)
    X = np.column_stack(
        [
            rng.normal(size=ROWS),
            rng.integers(0, 500, ROWS) / 5 + 0.99,
            1e8 + 37.0 * rng.integers(0, 900, ROWS),
            rng.integers(-3, 9, ROWS),
            1.7e9 + 61.0 * rng.integers(0, 100_000, ROWS),
            rng.normal(size=ROWS) * 1e-3,
            rng.integers(0, FEW, ROWS),
            rng.integers(0, MANY, ROWS),
        ]
    ).astype(np.float64)
    X[:, :2][rng.random((ROWS, 2)) < 0.1] = np.nan
    return X


FULL = hard_matrix()
NUMBERS = FULL[:, :6]
SIGNAL = (
    np.nan_to_num(FULL[:, 0])
    + FULL[:, 3] / 4
    + 300 * FULL[:, 5]
    + (FULL[:, 6] % 3 == 1)
    + np.nan_to_num(FULL[:, 1]) / 60
    + (FULL[:, 7] % 5 == 2)
    - 2
)
VALUE = SIGNAL + np.random.default_rng(6).normal(size=ROWS) / 3
TARGETS: dict[str, Any] = {
    "two": (VALUE > 0).astype(int),
    "three": np.digitize(VALUE, [-0.5, 1.0]),
    "words": np.array(["low", "middle", "top"], dtype=object)[np.digitize(VALUE, [-0.5, 1.0])],
    "value": VALUE,
    "share": 1 / (1 + np.exp(-VALUE)),
    "positive": np.exp(VALUE / 2) + 0.1,
    "count": np.floor(np.exp(VALUE / 2)),
    "both": np.column_stack([VALUE, VALUE**2]),
    "rank": np.digitize(VALUE, [-1, 0, 1, 2]),
    "labels": np.where(VALUE > 0, 2, 1),
}
GROUPS = np.full(ROWS // 10, 10)


@dataclass(frozen=True)
class Booster:
    """An estimator and what it is fitted on."""

    make: Callable[[], Any]
    target: str
    X: Matrix = field(default_factory=lambda: NUMBERS)
    fitting: Callable[[Any, Matrix, Any], dict[str, Any]] = lambda *_: {}
    """Options of `fit`, given the estimator and what it is fitted on."""

    def fitted(self, **options: Any) -> Any:
        """Fit the estimator, with more options of it."""
        estimator, y = self.make().set_params(**options), TARGETS[self.target]
        return estimator.fit(self.X, y, **self.fitting(estimator, self.X, y))


def stopping(_: Any, X: Matrix, y: Any) -> dict[str, Any]:
    """Give rows that say when to stop, whose target is mostly noise."""
    return {"eval_set": [(X[:150], np.concatenate([y[:75], np.random.default_rng(0).permutation(y[75:150])]))]}


def lgb_stopping(estimator: Any, X: Matrix, y: Any) -> dict[str, Any]:
    """Give them as LightGBM takes them."""
    rows, noise = stopping(estimator, X, y)["eval_set"][0]
    return {"eval_X": rows, "eval_y": noise}


def _xgb(kind: str = "Regressor", **options: Any) -> Callable[[], Any]:
    def make() -> Any:
        import xgboost

        given = {"n_estimators": TREES, "max_depth": 4, "n_jobs": 1, "random_state": 0, **options}
        return getattr(xgboost, f"XGB{kind}")(**given)

    return make


def _lgb(kind: str = "Regressor", **options: Any) -> Callable[[], Any]:
    def make() -> Any:
        import lightgbm

        given = {
            "n_estimators": TREES, "num_leaves": 15, "n_jobs": 1, "random_state": 0, "verbose": -1,
            "deterministic": True, "force_row_wise": True, **options,
        }  # fmt: skip
        return getattr(lightgbm, f"LGBM{kind}")(**given)

    return make


def _cat(kind: str = "Regressor", **options: Any) -> Callable[[], Any]:
    def make() -> Any:
        import catboost

        given = {
            "iterations": TREES, "depth": 4, "thread_count": 1, "random_seed": 0, "verbose": 0,
            "allow_writing_files": False, **options,
        }  # fmt: skip
        return getattr(catboost, f"CatBoost{kind}")(**given)

    return make


def _types(*categories: int) -> list[str]:
    return ["c" if place in categories else "q" for place in range(FULL.shape[1])]


FOREST: dict[str, Any] = {
    "learning_rate": 1,
    "n_estimators": 1,
    "num_parallel_tree": TREES,
    "subsample": 0.8,
    "colsample_bynode": 0.6,
}
DART: dict[str, Any] = {"booster": "dart", "rate_drop": 0.3, "skip_drop": 0.2}
CATEGORIES: dict[str, Any] = {"enable_categorical": True, "feature_types": _types(6, 7)}

MONOTONE = (1, 0, 0, 1, 0, -1)

XGBOOST: dict[str, Booster] = {
    "squarederror": Booster(_xgb(), "value"),
    "absoluteerror": Booster(_xgb(objective="reg:absoluteerror"), "value"),
    "pseudohuber": Booster(_xgb(objective="reg:pseudohubererror"), "value"),
    "squaredlogerror": Booster(_xgb(objective="reg:squaredlogerror"), "positive"),
    "quantile": Booster(_xgb(objective="reg:quantileerror", quantile_alpha=0.3), "value"),
    "logitraw": Booster(_xgb(objective="binary:logitraw"), "two"),
    "ranker": Booster(_xgb("Ranker"), "rank", fitting=lambda *_: {"group": GROUPS}),
    "ranker, pairwise": Booster(
        _xgb("Ranker", objective="rank:pairwise"), "rank", fitting=lambda *_: {"group": GROUPS}
    ),
    "ranker, map": Booster(_xgb("Ranker", objective="rank:map"), "two", fitting=lambda *_: {"group": GROUPS}),
    "logistic": Booster(_xgb("Classifier"), "two"),
    "logistic, base score": Booster(_xgb("Classifier", base_score=0.3), "two"),
    "logistic, missing -999": Booster(_xgb("Classifier", missing=-999), "two", np.nan_to_num(NUMBERS, nan=-999)),
    "softprob": Booster(_xgb("Classifier"), "three"),
    "softmax": Booster(_xgb("Classifier", objective="multi:softmax"), "three"),
    "early stopping": Booster(_xgb("Classifier", early_stopping_rounds=3), "two", fitting=stopping),
    "parallel trees, early stopping": Booster(
        _xgb("Classifier", early_stopping_rounds=3, num_parallel_tree=4), "three", fitting=stopping
    ),
    "forest": Booster(_xgb("Classifier", **FOREST), "two"),
    "forest, regression": Booster(_xgb("RFRegressor"), "value"),
    "dart": Booster(_xgb("Classifier", **DART), "two"),
    "dart, regression": Booster(_xgb(**DART), "value"),
    "dart, softprob": Booster(_xgb("Classifier", **DART), "three"),
    "reg:logistic": Booster(_xgb(objective="reg:logistic"), "share"),
    "poisson": Booster(_xgb(objective="count:poisson"), "count"),
    "gamma": Booster(_xgb(objective="reg:gamma"), "positive"),
    "tweedie": Booster(_xgb(objective="reg:tweedie"), "positive"),
    "quantiles": Booster(_xgb(objective="reg:quantileerror", quantile_alpha=[0.1, 0.5, 0.9]), "value"),
    "two targets": Booster(_xgb(), "both"),
    "two targets, leaves that are vectors": Booster(_xgb(multi_strategy="multi_output_tree"), "both"),
    "classes, leaves that are vectors": Booster(_xgb("Classifier", multi_strategy="multi_output_tree"), "three"),
    "two targets, forest": Booster(_xgb(num_parallel_tree=3, subsample=0.7), "both"),
    "dart, two targets": Booster(_xgb(**DART), "both"),
    "hinge": Booster(_xgb("Classifier", objective="binary:hinge"), "two"),
    "lossguide": Booster(_xgb("Classifier", grow_policy="lossguide", max_leaves=31, max_depth=0), "two"),
    "monotone": Booster(_xgb("Classifier", monotone_constraints=MONOTONE), "two"),
    "few bins": Booster(_xgb("Classifier", max_bin=8, max_delta_step=0.5), "three"),
    "pruned": Booster(_xgb("Classifier", gamma=2.0, tree_method="exact"), "two"),
    "categories, one-hot": Booster(_xgb("Classifier", max_cat_to_onehot=500, **CATEGORIES), "two", FULL),
    "categories, sets": Booster(_xgb("Classifier", max_cat_to_onehot=2, **CATEGORIES), "three", FULL),
    "categories, regression": Booster(_xgb(**CATEGORIES), "value", FULL),
}  # fmt: skip

LIGHTGBM: dict[str, Booster] = {
    "regression": Booster(_lgb(), "value"),
    **{
        name: Booster(_lgb(objective=name), "value")
        for name in ("regression_l1", "huber", "fair", "quantile", "mape")
    },
    "lambdarank": Booster(_lgb("Ranker"), "rank", fitting=lambda *_: {"group": GROUPS}),
    "xendcg": Booster(_lgb("Ranker", objective="rank_xendcg"), "rank", fitting=lambda *_: {"group": GROUPS}),
    "binary": Booster(_lgb("Classifier"), "two"),
    "binary, learnt without missing": Booster(_lgb("Classifier"), "two", np.nan_to_num(NUMBERS)),
    "use_missing=False": Booster(_lgb("Classifier", use_missing=False), "two"),
    "zero_as_missing": Booster(_lgb("Classifier", zero_as_missing=True), "two", np.nan_to_num(NUMBERS)),
    "goss": Booster(_lgb("Classifier", data_sample_strategy="goss"), "two"),
    "sigmoid": Booster(_lgb("Classifier", sigmoid=2.0), "two"),
    "dart": Booster(_lgb("Classifier", boosting_type="dart", drop_rate=0.3), "two"),
    "multiclass": Booster(_lgb("Classifier"), "words"),
    "multiclassova": Booster(_lgb("Classifier", objective="multiclassova", sigmoid=1.5), "three"),
    "rf": Booster(
        _lgb("Classifier", boosting_type="rf", subsample=0.7, subsample_freq=1), "two"
    ),
    "rf, regression": Booster(_lgb(boosting_type="rf", subsample=0.7, subsample_freq=1), "value"),
    "early stopping": Booster(_lgb("Classifier", early_stopping_round=3), "two", fitting=lgb_stopping),
    "reg_sqrt": Booster(_lgb(reg_sqrt=True), "value"),
    "poisson": Booster(_lgb(objective="poisson"), "count"),
    "gamma": Booster(_lgb(objective="gamma"), "positive"),
    "tweedie": Booster(_lgb(objective="tweedie"), "positive"),
    "cross_entropy": Booster(_lgb(objective="cross_entropy"), "share"),
    "cross_entropy_lambda": Booster(_lgb(objective="cross_entropy_lambda"), "share"),
    "categories": Booster(
        _lgb("Classifier", min_data_per_group=2, cat_smooth=1), "two", FULL,
        lambda *_: {"categorical_feature": [6, 7]},
    ),
    "categories, regression": Booster(
        _lgb(min_data_per_group=2, cat_smooth=1, max_cat_to_onehot=20), "value", FULL,
        lambda *_: {"categorical_feature": [6, 7]},
    ),
    "monotone": Booster(_lgb("Classifier", monotone_constraints=MONOTONE), "two"),
    "extra trees": Booster(_lgb("Classifier", extra_trees=True, path_smooth=2.0), "three"),
    "lone leaves": Booster(_lgb(min_child_samples=10_000), "value"),
}  # fmt: skip

CATBOOST: dict[str, Booster] = {
    "Logloss, missing is small": Booster(_cat("Classifier"), "two"),
    "Logloss, missing is large": Booster(_cat("Classifier", nan_mode="Max"), "two"),
    "Logloss, labels 1 and 2": Booster(_cat("Classifier"), "labels"),
    "CrossEntropy": Booster(_cat("Classifier", loss_function="CrossEntropy"), "share"),
    "MultiClass": Booster(_cat("Classifier"), "words"),
    "MultiClassOneVsAll": Booster(_cat("Classifier", loss_function="MultiClassOneVsAll"), "three"),
    **{
        name: Booster(_cat(loss_function=name), "value")
        for name in ("RMSE", "MAE", "Quantile", "MAPE", "Lq:q=3", "Huber:delta=1", "Expectile:alpha=0.3")
    },
    "Poisson": Booster(_cat(loss_function="Poisson"), "count"),
    "Tweedie": Booster(_cat(loss_function="Tweedie:variance_power=1.5"), "positive"),
    "MultiRMSE": Booster(_cat(loss_function="MultiRMSE"), "both"),
    "MultiQuantile": Booster(_cat(loss_function="MultiQuantile:alpha=0.1,0.5,0.9"), "value"),
    **{
        name: Booster(
            _cat("Ranker", loss_function=name), target, fitting=lambda *_: {"group_id": np.arange(ROWS) // 10}
        )
        for name, target in {
            "YetiRank": "rank",
            "YetiRankPairwise": "rank",
            "PairLogit": "rank",
            "PairLogitPairwise": "rank",
            "QueryRMSE": "rank",
            "QuerySoftMax": "two",
            "LambdaMart": "rank",
            "StochasticRank:metric=NDCG": "rank",
        }.items()
    },
    "Depthwise": Booster(_cat("Classifier", grow_policy="Depthwise"), "two"),
    "Lossguide": Booster(_cat(grow_policy="Lossguide", max_leaves=15), "value"),
    "Lossguide, classes": Booster(_cat("Classifier", grow_policy="Lossguide", max_leaves=9), "words"),
    "monotone": Booster(_cat("Classifier", monotone_constraints=list(MONOTONE)), "two"),
    "use_best_model": Booster(_cat("Classifier", use_best_model=True, od_wait=3), "two", fitting=stopping),
}

BOOSTERS = {
    f"{library}: {name}": booster
    for library, boosters in (("xgboost", XGBOOST), ("lightgbm", LIGHTGBM), ("catboost", CATBOOST))
    for name, booster in boosters.items()
}
