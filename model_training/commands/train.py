"""Train a model on real flights, or on a table that somebody brings, and write it as a bundle."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from function.model.manifest import Task
from model_training.commands.support.bundle_files import write_bundle
from model_training.commands.support.console import columns, fail, reading, say, step, table, warn
from model_training.commands.support.options import (
    Categorical,
    Columns,
    Known,
    Rows,
    Seed,
    Tabular,
    Target,
    ThresholdRule,
    Which,
)
from model_training.commands.support.sources import Preset, Source, choose, flights
from model_training.fitting.estimators import EstimatorName, make_estimator
from model_training.fitting.thresholds import HALF, Threshold

if TYPE_CHECKING:
    from model_training.bundling.building import Packed
    from model_training.data.dataset import Dataset

HEADINGS = ("column", "taken as", "values", "missing", "remark")


def train(
    data: Tabular = None,
    target: Target = None,
    features: Columns = None,
    categorical: Categorical = None,
    task: Annotated[Task | None, typer.Option(help="What the target makes; else its values tell.")] = None,
    dataset: Known = None,
    preset: Which = Preset.DEFAULT,
    estimator: Annotated[
        EstimatorName | None, typer.Option(help="What to fit; else what is linear, and for --preset full boosted.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where to write the bundle.")] = Path("build/model.zip"),
    threshold: ThresholdRule = HALF,
    params: Annotated[Path | None, typer.Option(help="What tune found; else scikit-learn's own defaults.")] = None,
    rows: Rows = None,
    seed: Seed = 0,
) -> None:
    """Train, evaluate on a hold-out, compile, prove, and write the bundle.

    Without --data, on the flights of 2013.
    """
    from function.errors import Refused
    from model_training.data.errors import BadTable

    source = choose(dataset, data, target, features, categorical, task, preset)
    try:
        packed = make_bundle(estimator, rows, seed, threshold, source, params)
    except (BadTable, Refused) as error:
        fail(str(error))
    _show(packed)
    write_bundle(out, packed)


def make_bundle(
    estimator: EstimatorName | None,
    rows: int | None,
    seed: int,
    threshold: Threshold = HALF,
    source: Source | None = None,
    params: Path | None = None,
) -> "Packed":
    """Train and pack, showing each step.

    Raises:
        BadTable: nothing can be learnt from the data, or not in this way.
        Refused: the model can't be served.
    """
    source = source or flights()
    with step("Loading scikit-learn"):
        from model_training.bundling.building import build_bundle
        from model_training.data.targets import check_rows
        from model_training.evaluation.evaluation import evaluate
        from model_training.fitting.hyper_parameters import read_tuned
        from model_training.fitting.leaks import leaking
        from model_training.fitting.pipeline import pipeline_of
        from model_training.fitting.thresholds import choose_threshold
    with reading(f"Reading {source.about}") as watch:
        data = source.read(watch)
    _show_columns(data)
    data = data.sample(rows, seed) if rows else data
    check_rows(data.target, data.task)
    tuned = read_tuned(params, estimator, data) if params else None
    name = _fit(tuned[0] if tuned else estimator or source.estimator, data, threshold)
    fitting, held_out = data.split(seed)
    with step("Trying each feature alone"):
        leaks = leaking(fitting, held_out, seed)
    for feature, quality in leaks.items():
        warn(f"{feature!r} alone predicts {data.target.name!r} ({quality:.4f}): does it hold the answer?")
    with step(f"Fitting {name} on {len(fitting.X):,} rows"):
        fitted = make_estimator(name, seed, data.task).set_params(**(tuned[1] if tuned else {}))
        pipeline = pipeline_of(data, fitted).fit(fitting.X, fitting.target)
    with step(f"Evaluating on {len(held_out.X):,} rows held out"):
        binary = data.task == "binary"
        chosen, rule = choose_threshold(threshold, pipeline, fitting.X, fitting.target) if binary else (None, "")
        evaluation = evaluate(
            pipeline, held_out.X, held_out.target, seed=seed, fitted=fitting.target, threshold=chosen, rule=rule
        )
    with step("Compiling to ONNX and comparing"):
        return build_bundle(pipeline, held_out, evaluation, seed)


def _fit(wanted: EstimatorName | None, data: "Dataset", threshold: Threshold) -> EstimatorName:
    """Choose the estimator.

    Raises:
        BadTable: what is wanted can't be done with this target.
    """
    from model_training.data.errors import BadTable
    from model_training.fitting.estimators import choose_estimators

    name = choose_estimators(wanted, data.task)[0]
    if threshold != HALF and data.task != "binary":
        raise BadTable(f"--threshold {threshold} is for two classes; this is a {data.task} task")
    return name


def _show_columns(data: "Dataset") -> None:
    if data.columns:
        say(f"{data.target.name!r} makes this a {data.task} task, of {len(data.X):,} rows; --task can say otherwise.")
        columns(
            HEADINGS,
            [[c.name, c.kind, c.summary, f"{c.missing:,}" if c.missing else "", c.remark] for c in data.columns],
        )
    for remark in data.remarks:
        warn(remark)


def _show(packed: "Packed") -> None:
    from model_training.reporting.report import NAMES, TILES

    manifest = packed.manifest
    metrics = manifest.metrics
    positive = f"{packed.evaluation.target} = {manifest.classes[1]}" if packed.evaluation and manifest.classes else ""
    share = f", {metrics['positive_share']:.1%} {positive}" if "positive_share" in metrics else ""
    table(
        f"{manifest.name} {manifest.version}",
        {
            "task": manifest.task,
            "estimator": packed.evaluation.estimator if packed.evaluation else "",
            "encoded columns": f"{len(manifest.encoded):,}",
            "hold-out rows": f"{metrics['hold_out_rows']:,.0f}{share}",
            **{NAMES[name]: f"{metrics[name]:,.4f}" for name in TILES[manifest.task] if name in metrics},
            "engine": packed.engine,
        },
    )
    if packed.left_out:
        warn(f"{packed.left_out:,} rows held out hold values that no caller may send; they were left out of the proof")
