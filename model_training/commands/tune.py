"""Search the hyper-parameters of the estimators that support a task."""

import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.live import Live
from rich.table import Table

from model_training.commands.support.config import config_arguments
from model_training.commands.support.console import columns, errors, fail, reading, say, step, write
from model_training.commands.support.options import (
    NO_VALUES,
    Categorical,
    Data,
    Dates,
    Decimal,
    Features,
    FirstOfDate,
    FlightsPreset,
    Jobs,
    Kind,
    KnownDataset,
    Missing,
    Monotone,
    Rows,
    Seed,
    Target,
    TaskType,
    directions_of,
)
from model_training.commands.support.sources import (
    Preset,
    Source,
    TableOptions,
    UseOfDates,
    arguments_of,
    choose_source,
)
from model_training.fitting.estimators import EstimatorName

if TYPE_CHECKING:
    from model_training.fitting.hyper_parameters import BestParams, TuningResult
    from model_training.fitting.search import Stage


def tune(
    context: typer.Context,
    data: Data = None,
    target: Target = None,
    features: Features = None,
    categorical: Categorical = None,
    kind: Kind = NO_VALUES,
    missing: Missing = None,
    decimal: Decimal = None,
    dates: Dates = UseOfDates.PARTS,
    date_order: FirstOfDate = None,
    task: TaskType = None,
    dataset: KnownDataset = None,
    preset: FlightsPreset = Preset.DEFAULT,
    estimator: Annotated[
        EstimatorName | None,
        typer.Option(help="Estimator to search; if omitted, all of scikit-learn that support the task."),
    ] = None,
    monotone: Monotone = NO_VALUES,
    out: Annotated[
        Path, typer.Option(help="Hyper-parameters file (JSON) to write, for `taxiway train --params`.")
    ] = Path("build/params.json"),
    candidates: Annotated[
        int, typer.Option(min=3, help="Number of candidates in the first stage, for each estimator.")
    ] = 27,
    jobs: Jobs = -1,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="tcp://HOST:8786", help="Dask scheduler to search on; this machine if omitted."),
    ] = None,
    rows: Rows = None,
    seed: Seed = 0,
) -> None:
    """Search hyper-parameters by successive halving: all candidates on few rows, the best ones on more.

    The hold-out rows of `taxiway train` are not used. The same seed gives the same result on any machine or cluster.
    """
    from model_training.data.errors import BadTable

    options = TableOptions(target, features, categorical, task, kind, missing, decimal, dates, date_order)
    source = choose_source(dataset, data, options, preset)
    try:
        tuned = _search(source, estimator, directions_of(monotone), candidates, rows, seed, jobs, scheduler)
    except BadTable as error:
        fail(str(error))
    columns(
        ("estimator", tuned.scoring, "parameters"),
        [
            [name, f"{found.score:.4f}", ", ".join(f"{key}={value:.4g}" for key, value in found.params.items())]
            for name, found in tuned.estimators.items()
        ],
    )
    write(out, tuned.to_json())
    command = [
        "taxiway",
        *config_arguments(context),
        "train",
        *arguments_of(dataset, data, options, preset),
        "--params",
        str(out),
    ]
    command += [argument for each in monotone for argument in ("--monotone", each)]
    command += ["--rows", str(rows)] if rows else []
    command += ["--seed", str(seed)] if seed else []
    say(f"Wrote {out}. The best estimator is {tuned.best}; train it with: {shlex.join(command)}")


def _search(
    source: Source,
    estimator: EstimatorName | None,
    monotone: Mapping[str, int],
    candidates: int,
    rows: int | None,
    seed: int,
    jobs: int,
    scheduler: str | None,
) -> "TuningResult":
    with step("Loading scikit-learn"):
        from model_training.data.targets import check_rows
        from model_training.fitting.cluster import ClusterUnavailable, joblib_backend
        from model_training.fitting.estimators import choose_estimators
        from model_training.fitting.hyper_parameters import TuningResult
        from model_training.fitting.monotone import check_directions
        from model_training.fitting.search import SCORING, search
    with reading(f"Reading {source.description}") as watch:
        data = source.read(watch)
    data = data.sample(rows, seed) if rows else data
    check_rows(data.target, data.task)
    names = choose_estimators(estimator, data.task)
    for name in names:
        check_directions(monotone, name, data)
    fitting, _ = data.split(seed)
    try:
        with joblib_backend(scheduler, jobs), _live_table() as table:
            found: dict[str, BestParams] = {
                name: search(fitting, name, candidates, seed, table.add, monotone) for name in names
            }
    except ClusterUnavailable as error:
        fail(str(error))
    best = max(found, key=lambda name: found[name].score)
    return TuningResult(data.task, SCORING[data.task], seed, best, found)


class _StageTable:
    """A table on the terminal to which finished stages are added."""

    def __init__(self, live: Live) -> None:
        self._live, self._start = live, time.monotonic()
        self._table = Table("estimator", "stage", "candidates", "rows", "best score", "elapsed")
        live.update(self._table)

    def add(self, stage: "Stage") -> None:
        seconds = f"{time.monotonic() - self._start:.0f} s"
        numbers = (str(stage.number), str(stage.candidates), f"{stage.rows:,}", f"{stage.best:.4f}")
        self._table.add_row(stage.estimator, *numbers, seconds)
        self._live.refresh()


@contextmanager
def _live_table() -> Iterator[_StageTable]:
    try:
        with Live(console=errors, refresh_per_second=4) as live:
            yield _StageTable(live)
    finally:
        if not errors.is_terminal:
            errors.line()
