"""Train the default model on real flights and write it as a bundle."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model_training.console import step, table, write_bundle
from model_training.estimators import EstimatorName, make_estimator
from model_training.options import ThresholdRule
from model_training.thresholds import HALF, Threshold

if TYPE_CHECKING:
    from model_training.packing import Packed


def train(
    estimator: Annotated[EstimatorName, typer.Option(help="What to fit.")] = EstimatorName.LOGISTIC_REGRESSION,
    out: Annotated[Path, typer.Option(help="Where to write the bundle.")] = Path("build/model.zip"),
    threshold: ThresholdRule = HALF,
    rows: Annotated[int | None, typer.Option(min=1000, help="Use so many random rows only.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the hold-out, the sample and the estimator.")] = 0,
) -> None:
    """Train on the flights of 2013, evaluate on a hold-out, compile, prove, and write the bundle."""
    packed = make_bundle(estimator, rows, seed, threshold)
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
            "engine": packed.engine,
        },
    )
    write_bundle(out, packed)


def make_bundle(estimator: EstimatorName, rows: int | None, seed: int, threshold: Threshold = HALF) -> "Packed":
    """Train and pack, showing each step."""
    with step("Loading scikit-learn"):
        from model_training.evaluation import evaluate
        from model_training.flights import read_flights
        from model_training.packing import pack
        from model_training.pipeline import make_pipeline
        from model_training.thresholds import choose_threshold
    with step("Reading the flights of 2013"):
        data = read_flights()
        fitting, held_out = (data.sample(rows, seed) if rows else data).split(seed)
    with step(f"Fitting {estimator} on {len(fitting.X):,} rows"):
        pipeline = make_pipeline(data.categories, make_estimator(estimator, seed)).fit(fitting.X, fitting.target)
    with step(f"Evaluating on {len(held_out.X):,} rows held out"):
        chosen, rule = choose_threshold(threshold, pipeline, fitting.X, fitting.target)
        evaluation = evaluate(
            pipeline, held_out.X, held_out.target, seed=seed, fitted=fitting.target, threshold=chosen, rule=rule
        )
    with step("Compiling to ONNX and comparing"):
        return pack(pipeline, held_out, evaluation, seed)
