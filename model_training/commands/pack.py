"""Build a bundle from a model that was trained elsewhere."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from function.errors import Refused
from model_training.commands.support.bundle_files import write_bundle
from model_training.commands.support.config import another_model
from model_training.commands.support.console import fail, step, table, warn
from model_training.commands.support.data_files import find_files
from model_training.commands.support.fitted_models import Native, classes_of, load, versions_of
from model_training.commands.support.options import (
    NO_VALUES,
    Decimal,
    Default,
    Describe,
    FirstOfDate,
    Kind,
    Missing,
    Name,
    Title,
    Unit,
    Unknown,
    UnknownFieldsOption,
    policies_of,
)
from model_training.commands.support.sources import presentation_of, reading_of

if TYPE_CHECKING:
    from model_training.bundling.building import Packed
    from model_training.data.dataset import Dataset
    from model_training.data.presentation import Presentation

SHOWN_CATEGORIES = 8


def pack(
    model: Annotated[
        Path,
        typer.Argument(
            help="Joblib file with a fitted pipeline or estimator, or the file of a booster: .ubj or .json of XGBoost, "
            ".txt of LightGBM, .cbm or .json of CatBoost."
        ),
    ],
    data: Annotated[
        str,
        typer.Option(
            metavar="PATH",
            callback=another_model,
            is_eager=True,
            help="CSV or Parquet file with sample rows, like those that callers send: also several as for `train`, or "
            "gs://BUCKET/OBJECT.",
        ),
    ],
    target: Annotated[
        str | None, typer.Option(help="Target column of the sample; if given, the model is evaluated on the sample.")
    ] = None,
    name: Name = None,
    title: Title = None,
    describe: Describe = NO_VALUES,
    unit: Unit = None,
    out: Annotated[Path, typer.Option(help="Bundle file to write.")] = Path("build/model.zip"),
    kind: Kind = NO_VALUES,
    missing: Missing = None,
    decimal: Decimal = None,
    unknown: Unknown = NO_VALUES,
    unknown_fields: UnknownFieldsOption = "refuse",
    default: Default = NO_VALUES,
    date_order: FirstOfDate = None,
    seed: Annotated[int, typer.Option(min=0, help="Random seed for choosing the golden rows.")] = 0,
    missing_number: Annotated[
        float | None,
        typer.Option(
            metavar="NUMBER",
            help="The number that means missing to the model in an XGBoost file, such as -999: its `missing`, "
            "which the file does not hold.",
        ),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,C",
            help="The classes of the model in a booster's file, in its order; 0, 1, 2 ... if omitted and the file does "
            "not hold them.",
        ),
    ] = None,
    trust: Annotated[  # noqa: FBT002 (a flag)
        bool,
        typer.Option(
            "--trust",
            help="Load any joblib file, and keep what predictions need. Loading runs code of the file: use it only for "
            "your own file. The function never loads that file.",
        ),
    ] = False,
) -> None:
    """Build a bundle from a fitted model.

    The model is compiled if possible. The compiled model is proven to predict the same as the original: at every
    threshold and category, and on the rows of --data.
    """
    from function.model.engines.sklearn import UNSUPPORTED_ERRORS
    from model_training.bundling.samples import read_sample
    from model_training.data.errors import BadTable

    files = find_files(data)
    try:
        with step("Loading the model"):
            reading = reading_of(missing, kind, decimal, date_order=date_order)
            native = Native(missing_number, classes_of(classes))
            estimator, warnings = load(model, files, target, reading, native, trust=trust)
        with step("Reading the sample"):
            sample = read_sample(estimator, files, target, model.name.partition(".")[0], reading)
            sample = _presented(estimator, sample, presentation_of(name, title, describe, unit))
            sample = sample.with_policies(policies_of(unknown, unknown_fields, default))
        for warning in (*warnings, *sample.remarks):  # Before a failure, of which they may be the reason.
            warn(warning)
        packed = _pack(*_reduced(estimator, sample), seed)
    except (Refused, BadTable) as error:
        fail(str(error))
    except UNSUPPORTED_ERRORS as error:
        fail(f"the model can't predict the rows of {data}: {error}{versions_of(model)}")
    if packed.left_out:
        warn(
            f"{packed.left_out:,} rows of {data} are left out: they have values that the function does not accept. "
            + "; ".join(packed.left_out_because)
        )
    _show(packed)
    write_bundle(out, packed)


def _presented(model: Any, sample: "Dataset", presentation: "Presentation") -> "Dataset":
    from function.model.joblib.tasks import classes_of, task_of
    from model_training.data.presentation import present

    return present(sample, presentation, classes_of(model, task_of(model)) or ())


def _pack(model: Any, sample: "Dataset", seed: int) -> "Packed":
    from function.model.manifest import Task
    from model_training.bundling.building import build_bundle, prediction_of
    from model_training.bundling.samples import with_target
    from model_training.evaluation.evaluation import evaluate

    evaluation, task = None, prediction_of(model, sample.X).task
    if sample.y is not None and task not in get_args(Task):
        warn(f"{sample.y.name!r} is left out, and the model is not evaluated: the task {task} has no metrics")
        sample = replace(sample, y=None)
    if sample.y is not None:
        known = with_target(model, sample)
        if lost := len(sample.X) - len(known.X):
            warn(f"{lost:,} rows without a value of {sample.y.name!r} are left out of the evaluation")
        with step(f"Evaluating on {len(known.X):,} rows"):
            evaluation = evaluate(model, known.X, known.target, seed=seed)
    with step("Compiling and proving that predictions are the same"):
        return build_bundle(model, sample, evaluation, seed)


def _reduced(model: Any, sample: "Dataset") -> tuple[Any, "Dataset"]:
    """Reduce a model to what its predictions need, and a sample to the rows that it can predict."""
    from model_training.bundling.normalization import check_same, normalize
    from model_training.bundling.samples import predictable
    from model_training.bundling.unused import without_unused

    reduced = without_unused(normalize(model))
    kept, reasons = predictable(reduced, sample)
    check_same(model, reduced, kept.X)
    if reasons:
        warn(
            f"{len(sample.X) - len(kept.X):,} rows are left out, because the model fails on them: {'; '.join(reasons)}"
        )
    return reduced, kept


def _show(packed: "Packed") -> None:
    manifest = packed.manifest
    table("Features", {feature.name: _values(feature) for feature in manifest.features})
    classes = {"classes": ", ".join(map(str, manifest.classes))} if manifest.classes else {}
    if manifest.predicted_outputs:
        classes = {"outputs": ", ".join(output.name for output in manifest.predicted_outputs)}
    metrics = {name: f"{value:.4f}" for name, value in manifest.metrics.items() if name != "hold_out_rows"}
    table(
        f"{manifest.name} {manifest.version}",
        {"task": manifest.task, **classes, **metrics, "engine": packed.engine},
    )


def _values(feature: Any) -> str:
    from function.model.faults import listed

    categories = f": {listed(feature.categories, SHOWN_CATEGORIES)}" if feature.categories else ""
    unknown = ", others are refused" if feature.closed else ", others are predicted" if feature.open else ""
    absent = f", {feature.absent} if absent" if feature.optional and feature.absent is not None else ""
    return f"{feature.type}{categories}{unknown}{', may be missing' if feature.nullable else ''}{absent}"
