"""Train the default model on real flights and write it as a bundle."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model_training.console import engine_of, say, step, table, write
from model_training.estimators import EstimatorName, make_estimator

if TYPE_CHECKING:
    from model_training.packing import Packed


def train(
    estimator: Annotated[EstimatorName, typer.Option(help="What to fit.")] = EstimatorName.LOGISTIC_REGRESSION,
    out: Annotated[Path, typer.Option(help="Where to write the bundle.")] = Path("build/model.zip"),
    rows: Annotated[int | None, typer.Option(min=1000, help="Use so many random rows only.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the hold-out, the sample and the estimator.")] = 0,
) -> None:
    """Train on the flights of 2013, evaluate on a hold-out, compile, prove, and write the bundle."""
    packed = make_bundle(estimator, rows, seed)
    write(out, packed.data)
    metrics = packed.manifest.metrics
    table(
        f"{packed.manifest.name} {packed.manifest.version}",
        {
            "estimator": estimator,
            "encoded columns": str(len(packed.manifest.encoded)),
            "hold-out rows": f"{metrics['hold_out_rows']:,.0f}, {metrics['positive_share']:.1%} late",
            "ROC AUC": f"{metrics['roc_auc']:.4f}",
            "average precision": f"{metrics['average_precision']:.4f}",
            "Brier score": f"{metrics['brier_score']:.4f}",
            "engine": engine_of(packed),
        },
    )
    say(f"Wrote {out} ({len(packed.data):,} bytes).")


def make_bundle(estimator: EstimatorName, rows: int | None, seed: int) -> "Packed":
    """Train and pack, showing each step."""
    with step("Loading scikit-learn"):
        from model_training.evaluation import evaluate
        from model_training.flights import read_flights
        from model_training.packing import pack
        from model_training.pipeline import make_pipeline
    with step("Reading the flights of 2013"):
        data = read_flights()
        fitting, held_out = (data.sample(rows, seed) if rows else data).split(seed)
    with step(f"Fitting {estimator} on {len(fitting.X):,} rows"):
        pipeline = make_pipeline(data.categories, make_estimator(estimator, seed)).fit(fitting.X, fitting.target)
    with step(f"Evaluating on {len(held_out.X):,} rows held out"):
        metrics = evaluate(pipeline, "binary", held_out.X, held_out.target)
    with step("Compiling to ONNX and comparing"):
        return pack(pipeline, held_out, metrics, seed)
