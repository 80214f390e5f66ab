"""Search hyper-parameters by successive halving: many candidates on few rows, the best third on 3 times as many, etc.

K. Jamieson and A. Talwalkar, Non-stochastic Best Arm Identification and Hyperparameter Optimization, AISTATS 2016.
"""

import math
from collections.abc import Callable, Mapping
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
from model_training.fitting.cluster import ClusterUnavailable
from model_training.fitting.estimators import EstimatorName, make_estimator
from model_training.fitting.hyper_parameters import SPACES, BestParams
from model_training.fitting.pipeline import NO_DIRECTIONS, pipeline_of

FOLDS, FACTOR = 3, 3
ATTEMPTS = 5
SCORING: dict[Task, str] = {"binary": "roc_auc", "multiclass": "roc_auc_ovr", "regression": "r2"}


@dataclass(frozen=True)
class Stage:
    """A finished stage of a search."""

    estimator: EstimatorName
    number: int
    candidates: int
    rows: int
    best: float
    """The mean score of the best candidate in this stage."""


class _ReportingSearch(HalvingRandomSearchCV):  # type: ignore[misc]
    """A search that reports each finished stage; workers, which may lack this class, get scikit-learn's own."""

    report: Callable[[int, int, float], None]

    def __reduce__(self) -> Any:
        return HalvingRandomSearchCV, (self.estimator, {})

    def _run_search(self, evaluate_candidates: Callable[..., Any], *, callback_ctx: Any) -> None:
        def evaluate(candidates: Any, *args: Any, more_results: Any, **options: Any) -> Any:
            results = evaluate_candidates(candidates, *args, more_results=more_results, **options)
            scores = results["mean_test_score"][-len(candidates) :]
            if any(map(math.isnan, scores)):
                raise ValueError("a class is missing among the validation rows")
            self.report(len(candidates), more_results["n_resources"][-1], float(max(scores)))
            return results

        super()._run_search(evaluate, callback_ctx=callback_ctx)


def search(
    data: Dataset,
    name: EstimatorName,
    candidates: int,
    seed: int,
    report: Callable[[Stage], None] = lambda stage: None,
    monotone: Mapping[str, int] = NO_DIRECTIONS,
) -> BestParams:
    """Search an estimator's hyper-parameters on a data set; the same seed gives the same result.

    Call it within `joblib_backend`, which sets the cores or the cluster to use.

    Raises:
        BadTable: a stage has too few rows to fit or evaluate a candidate.
        ClusterUnavailable: the cluster lost its workers in every attempt.
    """
    folds = KFold if data.task == "regression" else StratifiedKFold
    searching = _ReportingSearch(
        pipeline_of(data, make_estimator(name, seed, data.task), monotone),
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
        _fit(searching, data, lambda *stage: report(Stage(name, *stage)))
    except ValueError as error:
        reason = str(error).strip().rpartition("\n")[2]
        raise BadTable(
            f"a stage of the search has too few rows for {name} ({reason}): use fewer --candidates, or more rows"
        ) from None
    best = {
        parameter: (int if space.whole else float)(searching.best_params_[f"estimator__{parameter}"])
        for parameter, space in SPACES[name].items()
    }
    return BestParams(float(searching.best_score_), best)


def _fit(searching: _ReportingSearch, data: Dataset, report: Callable[[int, int, int, float], None]) -> None:
    # Dask repeats the jobs of a lost worker, but not the transfer of the rows that joblib sent to it: start over.
    for _ in range(ATTEMPTS):
        numbers = count(1)
        searching.report = lambda *stage, numbers=numbers: report(next(numbers), *stage)
        with suppress(CancelledError):
            searching.fit(data.X, data.target)
            return
    raise ClusterUnavailable(f"the Dask cluster lost workers in each of {ATTEMPTS} attempts")
