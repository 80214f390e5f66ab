"""Successive halving: many candidates on few rows, the better third of them on thrice as many, and so on.

K. Jamieson and A. Talwalkar, Non-stochastic Best Arm Identification and Hyperparameter Optimization, AISTATS 2016.
"""

import asyncio
import math
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

import joblib
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 (makes the next import possible)
from sklearn.model_selection import HalvingRandomSearchCV, KFold, StratifiedKFold

from function.model.manifest import Task
from model_training.dataset import Dataset
from model_training.estimators import EstimatorName, make_estimator
from model_training.hyper_parameters import SPACES, Found
from model_training.pipeline import pipeline_of
from model_training.tables import BadTable

FOLDS, FACTOR = 3, 3
CONNECT_SECONDS, ATTEMPTS = 10, 5
SCORING: dict[Task, str] = {"binary": "roc_auc", "multiclass": "roc_auc_ovr", "regression": "r2"}


class NoCluster(Exception):
    """A Dask cluster that can't be used; `str(error)` says why."""


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
                raise ValueError("a class is missing among those that are judged")
            self.tell(len(candidates), more_results["n_resources"][-1], float(max(scores)))
            return results

        super()._run_search(evaluate, callback_ctx=callback_ctx)


def search(
    data: Dataset, name: EstimatorName, candidates: int, seed: int, tell: Callable[[Stage], None] = lambda stage: None
) -> Found:
    """Search an estimator's hyper-parameters on a dataset, on the cores of `cores`; the same seed finds the same.

    Raises:
        BadTable: the rows of a stage are too few to fit or to judge a candidate on.
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


@contextmanager
def cores(scheduler: str | None, jobs: int) -> Iterator[None]:
    """Have joblib work on this machine's cores, or on a Dask cluster's.

    Raises:
        NoCluster: it can't be reached, has no workers, or is lost.
    """
    if scheduler is None:
        with joblib.parallel_config(n_jobs=jobs):
            yield
        return
    try:
        with _client(scheduler) as client:
            _wait_for_worker(client, scheduler)
            with joblib.parallel_config(backend="dask"):
                yield
    except OSError:
        raise NoCluster(f"the Dask scheduler {scheduler} answers no more") from None


def _wait_for_worker(client: Any, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError:
        raise NoCluster(f"the Dask scheduler {scheduler} has no workers") from None


def _client(scheduler: str) -> Any:
    import logging

    from distributed import Client

    # It tells of its troubles in tracebacks; what matters comes as an exception.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        asyncio.run(asyncio.wait_for(_greet(scheduler), CONNECT_SECONDS))
        return Client(scheduler, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except OSError:
        raise NoCluster(f"no Dask scheduler answers at {scheduler} within {CONNECT_SECONDS} s") from None
    except (ValueError, TypeError, MemoryError):
        raise NoCluster(f"{scheduler!r} is no address of a Dask scheduler, such as tcp://host:8786") from None


async def _greet(address: str) -> None:
    """Ask who is there. A client waits for ever for one that is silent, and takes any bytes for lengths."""
    from distributed import rpc

    async with rpc(address) as peer:  # type: ignore[no-untyped-call]
        if (await peer.identity())["type"] != "Scheduler":
            raise ValueError(address)
