"""Make a bundle of a model that was trained elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from function.errors import Refused
from model_training.commands.support.bundle_files import write_bundle
from model_training.commands.support.console import fail, step, table, warn

if TYPE_CHECKING:
    from model_training.bundling.building import Packed
    from model_training.data.dataset import Dataset

SHOWN_CATEGORIES = 8


def pack(
    model: Annotated[Path, typer.Argument(help="A fitted pipeline or estimator, written by joblib.")],
    data: Annotated[Path, typer.Option(help="A CSV or Parquet file with rows such as callers will send.")],
    target: Annotated[str | None, typer.Option(help="The column to predict; evaluates the model.")] = None,
    name: Annotated[str | None, typer.Option(help="What the model is called; else its file's name.")] = None,
    out: Annotated[Path, typer.Option(help="Where to write the bundle.")] = Path("build/model.zip"),
    seed: Annotated[int, typer.Option(min=0, help="Of the choice of golden rows.")] = 0,
) -> None:
    """Compile a model, prove on a sample that it still predicts the same, and write the bundle."""
    from function.model.engines.sklearn import UNTAKEN
    from model_training.data.errors import BadTable

    try:
        with step("Loading the model as the function does"):
            estimator, warnings = _load(model)
        with step("Reading the sample"):
            sample = _sample(estimator, data, target, name or model.name.partition(".")[0])
        packed = _pack(estimator, sample, seed)
    except (Refused, BadTable) as error:
        fail(str(error))
    except UNTAKEN as error:
        fail(f"the model can't predict the rows of {data}: {error}")
    for warning in (*warnings, *sample.remarks):
        warn(warning)
    if packed.left_out:
        warn(f"{packed.left_out} rows of the sample hold values that no caller may send; they were left out")
    _show(packed)
    write_bundle(out, packed)


def _load(path: Path) -> tuple[Any, tuple[str, ...]]:
    from function.model.joblib.bare import read_joblib
    from model_training.publishing.identity import MAX_MODEL_BYTES

    try:
        content = path.read_bytes()
    except OSError as error:
        fail(f"{path} can't be read: {error.strerror}")
    model, warnings = read_joblib(content, MAX_MODEL_BYTES)
    # A search that has been fitted is its best model.
    return getattr(model, "best_estimator_", model), warnings


def _sample(model: Any, path: Path, target: str | None, name: str) -> "Dataset":
    from function.model.manifest import Origin
    from model_training.data.dataset import Dataset
    from model_training.data.errors import BadTable
    from model_training.data.tables import read_table, sha256_of

    rows, remarks = read_table(path)
    if target is not None and target not in rows:
        raise BadTable(f"{path} has no column {target!r}; it has {', '.join(map(str, rows.columns))}")
    columns = _columns(model, [column for column in rows.columns if column != target], path)
    origin = Origin(path.name, sha256_of(path), len(rows))
    return Dataset(name, rows[columns], None if target is None else rows[target], origin, remarks=remarks)


def _columns(model: Any, there: list[str], path: Path) -> list[str]:
    """Choose the sample's columns that the model was fitted on, by name or, without names, by number."""
    from model_training.data.errors import BadTable

    wanted = [str(column) for column in getattr(model, "feature_names_in_", there)]
    if missing := [column for column in wanted if column not in there]:
        raise BadTable(f"{path} lacks the model's columns {', '.join(missing)}")
    width = getattr(model, "n_features_in_", len(wanted))
    if len(wanted) != width:
        raise BadTable(f"{path} has {len(wanted)} columns, the model takes {width}; is --target missing?")
    return wanted


def _pack(model: Any, sample: "Dataset", seed: int) -> "Packed":
    from model_training.bundling.building import build_bundle
    from model_training.evaluation.evaluation import evaluate

    evaluation = None
    if sample.y is not None:
        with step(f"Evaluating on {len(sample.X):,} rows"):
            evaluation = evaluate(model, sample.X, sample.y, seed=seed)
    with step("Compiling to ONNX and comparing"):
        return build_bundle(model, sample, evaluation, seed)


def _show(packed: "Packed") -> None:
    manifest = packed.manifest
    table("Features", {feature.name: _values(feature) for feature in manifest.features})
    classes = {"classes": ", ".join(map(str, manifest.classes))} if manifest.classes else {}
    metrics = {name: f"{value:.4f}" for name, value in manifest.metrics.items() if name != "hold_out_rows"}
    table(
        f"{manifest.name} {manifest.version}",
        {"task": manifest.task, **classes, **metrics, "engine": packed.engine},
    )


def _values(feature: Any) -> str:
    shown = [str(category) for category in (feature.categories or ())[:SHOWN_CATEGORIES]]
    more = len(feature.categories or ()) - len(shown)
    listed = f": {', '.join(shown)}" + (f" and {more} more" if more > 0 else "") if shown else ""
    return f"{feature.type}{listed}{', may be missing' if feature.nullable else ''}"
