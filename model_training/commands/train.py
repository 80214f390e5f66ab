"""Train a model on the flights or on your own table, and write it as a bundle."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model_training.commands.support.bundle_files import write_bundle
from model_training.commands.support.column_table import show_columns
from model_training.commands.support.console import fail, reading, step, table, warn
from model_training.commands.support.options import (
    NO_VALUES,
    Categorical,
    Data,
    Dates,
    Decimal,
    Default,
    Describe,
    Features,
    FirstOfDate,
    FlightsPreset,
    HyperParameters,
    Kind,
    KnownDataset,
    Missing,
    Monotone,
    Name,
    Rows,
    Seed,
    Target,
    TaskType,
    ThresholdRule,
    Title,
    Unit,
    Unknown,
    UnknownFieldsOption,
    directions_of,
    policies_of,
)
from model_training.commands.support.sources import (
    Preset,
    Source,
    TableOptions,
    UseOfDates,
    choose_source,
    flights,
    presentation_of,
)
from model_training.fitting.estimators import EstimatorName, make_estimator
from model_training.fitting.thresholds import HALF, Threshold

if TYPE_CHECKING:
    from function.model.manifest import Manifest
    from model_training.bundling.building import Packed
    from model_training.data.dataset import Dataset
    from model_training.data.policies import Policies
    from model_training.data.presentation import Presentation
    from model_training.evaluation.evaluation import Evaluation
    from model_training.fitting.hyper_parameters import Params


def train(
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
        typer.Option(
            help="Estimator to fit; if omitted, the linear one of the task (boosting with --preset full). xgboost, "
            "lightgbm and catboost need `make .venv/boosters`."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Bundle file to write.")] = Path("build/model.zip"),
    threshold: ThresholdRule = HALF,
    params: HyperParameters = None,
    monotone: Monotone = NO_VALUES,
    unknown: Unknown = NO_VALUES,
    unknown_fields: UnknownFieldsOption = "refuse",
    default: Default = NO_VALUES,
    name: Name = None,
    title: Title = None,
    describe: Describe = NO_VALUES,
    unit: Unit = None,
    rows: Rows = None,
    seed: Seed = 0,
) -> None:
    """Train a model, evaluate it on a hold-out, and write it as a bundle.

    The model is compiled, and proven to predict the same as the original, also on the hold-out. Without
    --data, the model is trained on the flights from New York in 2013.
    """
    from function.errors import Refused
    from model_training.data.errors import BadTable

    options = TableOptions(target, features, categorical, task, kind, missing, decimal, dates, date_order)
    source = choose_source(dataset, data, options, preset)
    try:
        policies = policies_of(unknown, unknown_fields, default)
        presentation = presentation_of(name, title, describe, unit)
        packed = make_bundle(
            estimator, rows, seed, threshold, source, params, presentation, policies, directions_of(monotone)
        )
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
    params: "Path | Params | None" = None,
    presentation: "Presentation | None" = None,
    policies: "Policies | None" = None,
    monotone: Mapping[str, int] | None = None,
) -> "Packed":
    """Train a model and build its bundle, showing the progress of each step.

    Raises:
        BadTable: the data can't be used, or not with these options.
        Refused: the function can't serve the model.
    """
    source = source or flights()
    with step("Loading scikit-learn"):
        from msgspec.structs import replace

        from model_training.bundling.building import build_bundle
        from model_training.bundling.originals import served_as
        from model_training.data.cells.reading import kind_option
        from model_training.data.presentation import NOTHING, present
        from model_training.data.targets import check_rows, classes_of
        from model_training.evaluation.column_uses import column_uses
        from model_training.evaluation.evaluation import evaluate
        from model_training.evaluation.metrics import PRINCIPAL
        from model_training.fitting.hyper_parameters import check_params, parameter_errors, read_params
        from model_training.fitting.leaks import find_leaks
        from model_training.fitting.monotone import check_directions
        from model_training.fitting.pipeline import pipeline_of
        from model_training.fitting.thresholds import choose_threshold
    with reading(f"Reading {source.description}") as watch:
        data = source.read(watch)
    data = data if policies is None else data.with_policies(policies)
    show_columns(data)
    data = data.sample(rows, seed) if rows else data
    check_rows(data.target, data.task)
    data = present(data, presentation or NOTHING, classes_of(data))
    if isinstance(params, Path):
        tuned, values = read_params(params, estimator, data)
        name = _choose_estimator(tuned, data, threshold)
    else:
        name = _choose_estimator(estimator or source.estimator, data, threshold)
        values = check_params(params or {}, name, data.task)
    check_directions(monotone or {}, name, data)
    fitting, held_out = data.split(seed)
    with step("Checking each feature for target leakage"):
        leaks = find_leaks(fitting, held_out, seed)
    suspicions = [
        f"{feature!r} alone predicts {data.target.name!r} ({PRINCIPAL[data.task]} {metric:.4f}): if its value is "
        f"not known at prediction time (target leakage), leave it out with {kind_option(feature, 'drop')}"
        for feature, metric in leaks.items()
    ]
    for suspicion in suspicions:
        warn(suspicion)
    with step(f"Fitting {name} on {len(fitting.X):,} rows"):
        pipeline = pipeline_of(data, make_estimator(name, seed, data.task).set_params(**values), monotone or {})
        with parameter_errors(values):
            pipeline.fit(fitting.X, fitting.target)
    with step(f"Evaluating on {len(held_out.X):,} hold-out rows"):
        binary = data.task == "binary"
        chosen, rule = choose_threshold(threshold, pipeline, fitting.X, fitting.target) if binary else (None, "")
        evaluation = evaluate(
            pipeline, held_out.X, held_out.target, seed=seed, fitted=fitting.target, threshold=chosen, rule=rule
        )
        evaluation = replace(evaluation, columns=column_uses(data), remarks=(*data.remarks, *suspicions))
    with step("Compiling and proving that predictions are the same"):
        return build_bundle(served_as(pipeline), held_out, evaluation, seed)


def _choose_estimator(wanted: EstimatorName | None, data: "Dataset", threshold: Threshold) -> EstimatorName:
    """Return the wanted estimator, or the default one of the task if None.

    Raises:
        BadTable: the estimator or the threshold does not support the task.
    """
    from model_training.data.errors import BadTable
    from model_training.fitting.estimators import choose_estimators

    name = choose_estimators(wanted, data.task)[0]
    if threshold != HALF and data.task != "binary":
        raise BadTable(f"--threshold {threshold} needs a binary task, but this is a {data.task} task: omit it")
    return name


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
            **_decision(packed.evaluation),
            **unknown_categories(manifest),
            "engine": packed.engine,
        },
    )
    if packed.left_out:
        warn(
            f"{packed.left_out:,} hold-out rows have values that the function does not accept; the compiled model "
            "was not compared on them"
        )


def unknown_categories(manifest: "Manifest") -> dict[str, str]:
    """Return the line on the features whose unknown categories are predicted, and on those that refuse them."""
    opened = [feature.name for feature in manifest.features if feature.open]
    closed = [feature.name for feature in manifest.features if feature.closed]
    uses = {"predicted": opened, "refused": closed}
    line = "; ".join(f"{use} for {', '.join(names)}" for use, names in uses.items() if names)
    return {"unknown values": line} if line else {}


def _decision(evaluation: "Evaluation | None") -> dict[str, str]:
    """Return the lines on accuracy, which says little without its baseline, and on the threshold."""
    from model_training.reporting.report import NAMES

    lines = {}
    if evaluation and (accuracy := evaluation.metrics.get("accuracy")):
        baseline = "" if accuracy.baseline is None else f" (always the most frequent class: {accuracy.baseline:.4f})"
        lines[NAMES["accuracy"]] = f"{accuracy.value:,.4f}{baseline}"
    if evaluation and evaluation.threshold is not None:
        rule = f" ({evaluation.threshold_rule})" if evaluation.threshold_rule else ""
        lines["threshold"] = f"{evaluation.threshold:.4g}{rule}"
    return lines
