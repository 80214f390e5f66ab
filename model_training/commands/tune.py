"""Search the hyper-parameters of the estimators that can do a task."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.live import Live
from rich.table import Table

from function.model.manifest import Task
from model_training.commands.support.console import columns, errors, fail, reading, say, step, write
from model_training.commands.support.options import (
    Categorical,
    Columns,
    Jobs,
    Known,
    Rows,
    Seed,
    Tabular,
    Target,
    Which,
)
from model_training.commands.support.sources import Preset, Source, choose
from model_training.fitting.estimators import EstimatorName

if TYPE_CHECKING:
    from model_training.fitting.hyper_parameters import Found, Tuned
    from model_training.fitting.search import Stage


def tune(
    data: Tabular = None,
    target: Target = None,
    features: Columns = None,
    categorical: Categorical = None,
    task: Annotated[Task | None, typer.Option(help="What the target makes; else its values tell.")] = None,
    dataset: Known = None,
    preset: Which = Preset.DEFAULT,
    estimator: Annotated[
        EstimatorName | None, typer.Option(help="The only one to search; else each of the task.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where to write what was found, for train --params.")] = Path(
        "build/params.json"
    ),
    candidates: Annotated[int, typer.Option(min=3, help="How many to begin with, for each estimator.")] = 27,
    jobs: Jobs = -1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="tcp://HOST:8786", help="Of a Dask cluster to search on, instead.")
    ] = None,
    rows: Rows = None,
    seed: Seed = 0,
) -> None:
    """Search the hyper-parameters by successive halving: many on few rows, the better ones on more.

    The rows that train holds out are left out. The same seed finds the same, wherever it is searched.
    """
    from model_training.data.errors import BadTable

    source = choose(dataset, data, target, features, categorical, task, preset)
    try:
        tuned = _tuned(source, estimator, candidates, rows, seed, jobs, scheduler)
    except BadTable as error:
        fail(str(error))
    columns(
        ("estimator", tuned.scoring, "parameters"),
        [
            [name, f"{found.score:.4f}", ", ".join(f"{key}={value:.4g}" for key, value in found.params.items())]
            for name, found in tuned.estimators.items()
        ],
    )
    write(out, tuned.write())
    say(f"Wrote {out}: the best is {tuned.best}. Train it with: train --params {out}")


def _tuned(
    source: Source,
    estimator: EstimatorName | None,
    candidates: int,
    rows: int | None,
    seed: int,
    jobs: int,
    scheduler: str | None,
) -> "Tuned":
    with step("Loading scikit-learn"):
        from model_training.data.targets import check_rows
        from model_training.fitting.cluster import NoCluster, cores
        from model_training.fitting.estimators import choose_estimators
        from model_training.fitting.hyper_parameters import Tuned
        from model_training.fitting.search import SCORING, search
    with reading(f"Reading {source.about}") as watch:
        data = source.read(watch)
    data = data.sample(rows, seed) if rows else data
    check_rows(data.target, data.task)
    names = choose_estimators(estimator, data.task)
    fitting, _ = data.split(seed)
    try:
        with cores(scheduler, jobs), _live() as shown:
            found: dict[str, Found] = {name: search(fitting, name, candidates, seed, shown.add) for name in names}
    except NoCluster as error:
        fail(str(error))
    best = max(found, key=lambda name: found[name].score)
    return Tuned(data.task, SCORING[data.task], seed, best, found)


class _Shown:
    """The stages that are done, as a table."""

    def __init__(self, live: Live) -> None:
        self._live, self._start = live, time.monotonic()
        self._table = Table("estimator", "stage", "candidates", "rows", "best", "after")
        live.update(self._table)

    def add(self, stage: "Stage") -> None:
        seconds = f"{time.monotonic() - self._start:.0f} s"
        numbers = (str(stage.number), str(stage.candidates), f"{stage.rows:,}", f"{stage.best:.4f}")
        self._table.add_row(stage.estimator, *numbers, seconds)
        self._live.refresh()


@contextmanager
def _live() -> Iterator[_Shown]:
    try:
        with Live(console=errors, refresh_per_second=4) as live:
            yield _Shown(live)
    finally:
        if not errors.is_terminal:
            errors.line()
