"""Pack boosters of every kind, serve each by a real function, and compare it with its library on 10,000 rows at edges.

`make matrix-boosters` prints a table: rows, labels that differ, the largest difference of numbers, and the time for one
row and for 10,000, in the function (with HTTP and JSON) and in the library.
"""

import argparse
import json
import math
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from function.errors import Refused as NotServed
from function.model.manifest import Origin
from model_training.bundling.building import build_bundle
from model_training.bundling.exact.boosters.libraries import saved
from model_training.bundling.exact.boosters.open import open_native
from model_training.bundling.exact.proof.rows.asked import predictor_of
from model_training.bundling.exact.proof.rows.comparison import largest_difference
from model_training.bundling.exact.proof.rows.paths import Paths
from model_training.bundling.exact.proof.structure.native import native_of
from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.native_file import library_of
from model_training.data.dataset import Dataset
from tests.integration.exact.boosters import BOOSTERS, Booster, Matrix
from tests.support.function_process import FunctionProcess

ROWS, PART = 10_000, 2_000
LARGEST = 1e30
SORTED = ("xgboost: quantiles",)
"""What is refused since XGBoost 3.3, which sorts them; nothing else is."""
TIMES = 20


@dataclass(frozen=True)
class Figures:
    """What was found for one configuration; times in milliseconds: of the function and of the library."""

    rows: int
    differing_labels: int
    largest_difference: float
    tolerance: float
    one: tuple[float, float]
    all: tuple[float, float]

    @property
    def differs(self) -> bool:
        """Whether the function predicts something else than the library."""
        return bool(self.differing_labels) or not self.largest_difference <= self.tolerance


def native_of_booster(estimator: Any, sample: pd.DataFrame) -> Any:
    """Write the file of a fitted estimator, and open it as `pack` does."""
    library = library_of(estimator)
    labels = tuple(np.asarray(estimator.classes_).tolist()) if hasattr(estimator, "predict_proba") else None
    usual = labels is None or labels == tuple(range(len(labels)))
    if library == "xgboost":
        missing = None if math.isnan(estimator.missing) else float(estimator.missing)
        return open_native(".ubj", bytes(estimator.get_booster().save_raw("ubj")), sample, missing)
    if library == "lightgbm":
        text = estimator.booster_.model_to_string().encode()
        return open_native(".txt", text, sample, classes=None if usual else labels)
    return open_native(".cbm", saved(estimator, format="cbm"), sample)


def edge_rows(estimator: Any, X: Matrix, rows: int) -> Matrix:
    """Return rows at and beside the edges of nodes, each reached by its path; with fewer nodes, nodes again."""
    paths, rng = Paths(native_of(estimator)), np.random.default_rng(1)
    found, size = [X], len(X)
    while size < rows:
        nodes = rng.choice(paths.inner, 200).tolist() if len(paths.inner) else []
        part = paths.rows(nodes, X, rng, missing=True) if nodes else X + rng.normal(size=X.shape)
        part = part[~(np.abs(part) > LARGEST).any(axis=1)]
        found.append(part)
        size += len(part)
    return np.concatenate(found)[:rows]


def check(booster: Booster, rows: int = ROWS) -> Figures:
    """Fit, pack, serve and compare one configuration.

    Raises:
        Refused, NotServed: it is not supported.
    """
    estimator = booster.fitted()
    sample = pd.DataFrame(booster.X, columns=[f"x{place}" for place in range(booster.X.shape[1])])
    model = native_of_booster(estimator, sample)
    for place in range(len(sample.columns)):  # Each feature may be missing.
        sample.iloc[place, place] = np.nan
    packed = build_bundle(model, Dataset("m", sample, None, Origin("sample", "0" * 64, len(sample))), None, seed=0)
    proof = packed.manifest.proof
    assert proof
    X, predict = edge_rows(estimator, booster.X, rows), predictor_of(estimator)
    wanted = predict(X)
    with TemporaryDirectory() as folder:
        (Path(folder) / "model.zip").write_bytes(packed.data)
        with FunctionProcess({"MODEL_URI": f"{folder}/model.zip"}) as function:
            ask = asker(function)
            labels = ask(X, "label")
            if wanted.is_value:
                differing, largest = 0, largest_difference(np.array(labels, dtype=float), wanted.labels)
            else:
                differing = sum(a != b for a, b in zip(labels, wanted.labels.tolist(), strict=True))
                found = np.array([_in_order(row, packed.manifest.classes or ()) for row in ask(X, "probability")])
                expected = np.asarray(wanted.probabilities)
                largest = largest_difference(found, expected[:, 1:] if expected.shape[1] == 2 else expected)
            output = "label" if wanted.is_value else "probability"
            one = _median(lambda: ask(X[:1], output)), _median(lambda: predict(X[:1]))
            whole = _median(lambda: ask(X, output), 3), _median(lambda: predict(X), 3)
    return Figures(len(X), differing, float(largest), proof.tolerance, one, whole)


def asker(function: FunctionProcess) -> Callable[[Matrix, str], list[Any]]:
    """Return what posts rows to a function, in as many requests as its limit of a body needs."""

    def ask(X: Matrix, output: str) -> list[Any]:
        answers: list[Any] = []
        for start in range(0, len(X), PART):
            rows = [
                {f"x{place}": None if math.isnan(v) else v for place, v in enumerate(row)}
                for row in X[start : start + PART].tolist()
            ]
            body = json.dumps({"instances": rows, "parameters": {"output": output}})
            response = function.client.post("/predict", content=body)
            assert response.status_code == 200, response.text[:500]
            answers += response.json()["predictions"]
        return answers

    return ask


def _in_order(row: Any, classes: Sequence[Any]) -> list[float]:
    return [row[str(label)] for label in classes] if isinstance(row, dict) else [row]


def _median(work: Callable[[], Any], times: int = TIMES) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - start))
    return float(np.median(found))


def main() -> int:
    """Check all configurations, or those whose name contains a text."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    names = [name for name in BOOSTERS if arguments.only in name]
    warnings.simplefilter("ignore")
    failed, refused, checked = [], 0, 0

    def figures_of(name: str) -> Figures | str:
        try:
            return check(BOOSTERS[name], arguments.rows)
        except (Refused, NotServed) as error:
            return f"refused: {error}"
        except Exception as error:
            return f"failed: {type(error).__name__}: {error}"[:300]

    print("| configuration | rows | labels | numbers | one row, ms | all rows, ms |\n|-|-|-|-|-|-|")  # noqa: T201
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for name, found in zip(names, pool.map(figures_of, names), strict=True):
            if isinstance(found, str):
                print(f"| {name} | {found} |", flush=True)  # noqa: T201
                refused += found.startswith("refused")
                failed += [] if found.startswith("refused") and name in SORTED else [name]
                continue
            checked += 1
            failed += [name] if found.differs else []
            times = " | ".join(f"{ours:.1f} / {theirs:.1f}" for ours, theirs in (found.one, found.all))
            print(  # noqa: T201
                f"| {name} | {found.rows} | {found.differing_labels} | {found.largest_difference:.1e} | {times} |",
                flush=True,
            )
    print(f"{checked} checked, {refused} refused, {len(failed)} wrong: {', '.join(failed)}")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
