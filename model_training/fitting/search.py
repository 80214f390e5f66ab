"""Successive halving: many candidates on few rows, the better third of them on thrice as many, and so on.

K. Jamieson and A. Talwalkar, Non-stochastic Best Arm Identification and Hyperparameter Optimization, AISTATS 2016.
"""

import math
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from sklearn.experimental import enable_halving_search_cv  # noqa: F401 (makes the next import possible)
from sklearn.model_selection import HalvingRandomSearchCV, KFold, StratifiedKFold

from function.model.manifest import Task
from model_training.data.dataset import Dataset
from model_training.data.errors import BadTable
from model_training.fitting.cluster import NoCluster
from model_training.fitting.estimators import EstimatorName, make_estimator
from model_training.fitting.hyper_parameters import SPACES, Found
from model_training.fitting.pipeline import pipeline_of

FOLDS, FACTOR = 3, 3
ATTEMPTS = 5
SCORING: dict[Task, str] = {"binary": "roc_auc", "multiclass": "roc_auc_ovr", "regression": "r2"}


@dataclass(frozen=True)
class Stage:
    """One stage of a search that is done."""

    estimator: EstimatorName
    number: int
    candidates: int
    rows: int
    best: float
    """The best candidate's mean score in this stage."""


class _Watched(HalvingRandomSearchCV):  # type: ignore[misc]
    """Tells of each stage when it is done. To workers, which need not have this class, it is scikit-learn's own."""

    tell: Callable[[int, int, float], None]

    def __reduce__(self) -> Any:
        return HalvingRandomSearchCV, (self.estimator, {})

    def _run_search(self, evaluate_candidates: Callable[..., Any], *, callback_ctx: Any) -> None:
        def evaluate(candidates: Any, *args: Any, more_results: Any, **options: Any) -> Any:
            results = evaluate_candidates(candidates, *args, more_results=more_results, **options)
            scores = results["mean_test_score"][-len(candidates) :]
            if any(map(math.isnan, scores)):
                raise ValueError("a class is missing among the validation rows")
            self.tell(len(candidates), more_results["n_resources"][-1], float(max(scores)))
            return results

        super()._run_search(evaluate, callback_ctx=callback_ctx)


def search(
    data: Dataset, name: EstimatorName, candidates: int, seed: int, tell: Callable[[Stage], None] = lambda stage: None
) -> Found:
    """Search an estimator's hyper-parameters on a dataset, on the cores of `cores`; the same seed finds the same.

    Raises:
        BadTable: the rows of a stage are too few to fit or to evaluate a candidate.
        NoCluster: it lost its workers again and again.
    """
    folds = KFold if data.task == "regression" else StratifiedKFold
    searching = _Watched(
        pipeline_of(data, make_estimator(name, seed, data.task)),
        {f"estimator__{parameter}": space.distribution() for parameter, space in SPACES[name].items()},
        n_candidates=candidates,
        factor=FACTOR,
        min_resources="exhaust",
        scoring=SCORING[data.task],
        cv=folds(FOLDS, shuffle=True, random_state=seed),
        refit=False,
        random_state=seed,
        error_score="raise",
    )
    try:
        _fit(searching, data, lambda *stage: tell(Stage(name, *stage)))
    except ValueError as error:
        why = str(error).strip().rpartition("\n")[2]
        raise BadTable(
            f"{name} can't be searched on the few rows of a stage ({why}); take fewer --candidates, or more rows"
        ) from None
    best = {
        parameter: (int if space.whole else float)(searching.best_params_[f"estimator__{parameter}"])
        for parameter, space in SPACES[name].items()
    }
    return Found(float(searching.best_score_), best)


def _fit(searching: _Watched, data: Dataset, tell: Callable[[int, int, int, float], None]) -> None:
    # Dask does again what a lost worker did, but can't get back the rows that joblib sent to it: then start over.
    for _ in range(ATTEMPTS):
        numbers = count(1)
        searching.tell = lambda *stage, numbers=numbers: tell(next(numbers), *stage)
        with suppress(CancelledError):
            searching.fit(data.X, data.target)
            return
    raise NoCluster(f"the Dask cluster lost workers in each of {ATTEMPTS} attempts")
