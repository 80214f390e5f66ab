"""Making a bundle of a fitted model."""

import platform
import subprocess
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from function.errors import Refused
from function.model.bundle import REPORT, complete, read_bundle, write_bundle
from function.model.engines.sklearn import encode, has_two_stages
from function.model.joblib.bare import task_of
from function.model.manifest import Feature, Golden, Manifest
from function.model.plan.proof import Proof
from function.model.schema import Schema
from model_training.bundling.compilation import compile_model
from model_training.bundling.features import describe_features
from model_training.bundling.linear import linear_of
from model_training.bundling.originals import library_versions, original_of
from model_training.data.dataset import Dataset
from model_training.data.rows import rows_of
from model_training.evaluation.evaluation import Evaluation
from model_training.reporting.report import render

GOLDEN_ROWS = 64
LIBRARIES = ("scikit-learn", "numpy", "joblib", "onnx", "skl2onnx", "onnxruntime")


@dataclass(frozen=True)
class Packed:
    """A bundle with its manifest, which has the proof, or the reason why it is not compiled."""

    data: bytes
    manifest: Manifest
    not_compiled: str
    left_out: int
    """How many rows of the sample hold values that the model does not know."""
    evaluation: Evaluation | None
    report: bytes | None
    """Of the evaluation, in HTML; it is in the bundle too."""

    @property
    def engine(self) -> str:
        """Say which engine will serve it, and why."""
        return _engine(self.manifest.proof, self.not_compiled)


def build_bundle(model: Any, sample: Dataset, evaluation: Evaluation | None, seed: int) -> Packed:
    """Compile a fitted model, prove it equal on a sample, and write it down with the report of its evaluation.

    Raises:
        Refused: the model can't be served, or no row of the sample can be sent.
    """
    task = task_of(model)
    features = describe_features(model, sample)
    encoded = encoded_names(model, sample.X)
    threshold = evaluation.threshold if evaluation else None
    manifest = Manifest(
        name=sample.name,
        task=task,
        features=features,
        stages=2 if has_two_stages(model) else 1,
        encoded=encoded,
        classes=None if task == "regression" else tuple(model.classes_.tolist()),
        wording=sample.wording,
        threshold=threshold,
        created=datetime.now(timezone.utc).replace(microsecond=0),
        libraries=_versions(model),
        metrics=evaluation.plain_metrics() if evaluation else {},
        data=sample.origin,
        git_commit=_git_commit(),
    )
    everything = _with_missing(sample.X, features)
    rows = _servable(manifest, everything)
    compiled = compile_model(model, features, rows)
    golden, linear = _golden(model, rows, manifest, seed), linear_of(model, task, rows)
    manifest = msgspec.structs.replace(manifest, golden=golden, linear=linear, proof=compiled.proof)
    members = {**original_of(model, compiled.reason), **compiled.members}
    report = None
    if evaluation:
        report = render(complete(manifest, members), evaluation, _engine(compiled.proof, compiled.reason))
        members[REPORT] = report
    data = write_bundle(manifest, members)
    # Read back, which fills in version and members and checks the manifest as serving does.
    checked = read_bundle(data, max_bytes=len(data) * 1100).manifest
    left_out = len(everything) - len(rows)
    return Packed(data, checked, compiled.reason, left_out, evaluation, report)


def _versions(model: Any) -> dict[str, str]:
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
        **library_versions(model),
    }


def _engine(proof: Proof | None, not_compiled: str) -> str:
    return f"compiled, {proof.statement}" if proof else f"scikit-learn, because it cannot be compiled: {not_compiled}"


def encoded_names(model: Any, X: pd.DataFrame) -> tuple[str, ...]:
    """Name the encoded vector's columns, as the encoder does where it can."""
    if not has_two_stages(model):
        return tuple(map(str, X.columns))
    try:
        return tuple(map(str, model[:-1].get_feature_names_out()))
    except (AttributeError, ValueError):
        width = encode(model, rows_of(model, X.iloc[[0]])).shape[1]
        return tuple(f"x{i}" for i in range(width))


def _with_missing(X: pd.DataFrame, features: tuple[Feature, ...]) -> pd.DataFrame:
    """Put rows in front that lack each value that may be missing, so that they are proved and golden too."""
    rows = [
        X.iloc[[0]].astype({f.name: object if f.type != "number" else float}).assign(**{f.name: np.nan})
        for f in features
        if f.nullable
    ]
    return pd.concat([*rows, X], ignore_index=True) if rows else X


def _servable(manifest: Manifest, X: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows that a caller may send."""
    schema = Schema(manifest)
    kept = [schema.accepts(row) for row in _values(X, manifest.features)]
    if not any(kept):
        raise Refused("no row of the sample has only values that the model knows")
    return X[kept]


def _values(X: pd.DataFrame, features: tuple[Feature, ...]) -> list[tuple[Any, ...]]:
    """Return a table's rows as JSON would have them: plain values, None for missing."""
    columns = [[_plain(value, feature) for value in X[feature.name].tolist()] for feature in features]
    return list(zip(*columns, strict=True))


def _plain(value: Any, feature: Feature) -> Any:
    if pd.isna(value):
        return None
    # A column of whole numbers that lacks one is a column of floats.
    return int(value) if feature.type == "integer" else value


def _golden(model: Any, X: pd.DataFrame, manifest: Manifest, seed: int) -> Golden:
    chosen = X.sample(n=min(GOLDEN_ROWS, len(X)), random_state=seed)
    rows = rows_of(model, chosen)
    labels = model.predict(rows).reshape(-1).tolist()
    probabilities = model.predict_proba(rows).tolist() if hasattr(model, "predict_proba") else None
    if manifest.threshold is not None and manifest.classes and probabilities:
        labels = [manifest.classes[row[1] > manifest.threshold] for row in probabilities]
    return Golden(
        rows=tuple(_values(chosen, manifest.features)),
        labels=tuple(labels),
        probabilities=None if probabilities is None else tuple(map(tuple, probabilities)),
    )


def _git_commit() -> str | None:
    """Name the commit of the training code, where git knows it."""
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
