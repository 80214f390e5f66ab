"""Making a bundle of a fitted pipeline."""

import io
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from function.model.bundle import JOBLIB, read_bundle, write_bundle
from function.model.manifest import Feature, FeatureType, Golden, Linear, Manifest
from model_training.compilation import Agreement, compare, compile_pipeline
from model_training.dataset import Dataset

GOLDEN_ROWS = 64
LIBRARIES = ("scikit-learn", "numpy", "joblib", "onnx", "skl2onnx", "onnxruntime")
TYPES: dict[str, FeatureType] = {"i": "integer", "f": "number", "b": "boolean"}


@dataclass(frozen=True)
class Packed:
    """A bundle, its manifest, and the proof that its two engines agree."""

    data: bytes
    manifest: Manifest
    agreement: Agreement


def pack(pipeline: Pipeline, held_out: Dataset, metrics: Mapping[str, float], seed: int) -> Packed:
    """Compile a fitted pipeline, prove it equal on the held-out rows, and write it down.

    Raises:
        ValueError: the compiled model predicts something else.
    """
    features = describe_features(pipeline, held_out)
    encoded = [str(name) for name in pipeline[:-1].get_feature_names_out()]
    members = compile_pipeline(pipeline, features, len(encoded))
    agreement = compare(pipeline, members, held_out.X, features)
    if not agreement:
        raise ValueError(f"the compiled model predicts something else than scikit-learn: {agreement}")
    manifest = Manifest(
        name=held_out.name,
        task="binary",
        features=features,
        encoded=tuple(encoded),
        classes=tuple(pipeline.classes_.tolist()),
        linear=_linear(pipeline[-1]),
        created=datetime.now(timezone.utc).replace(microsecond=0),
        members={},
        libraries={"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        metrics=dict(metrics),
        golden=_golden(pipeline, held_out.X, seed),
        data=held_out.origin,
        git_commit=_git_commit(),
    )
    data = write_bundle(manifest, {JOBLIB: _dump(pipeline), **members})
    return Packed(data, read_bundle(data, max_bytes=len(data) * 1000).manifest, agreement)


def describe_features(pipeline: Pipeline, data: Dataset) -> tuple[Feature, ...]:
    """Describe each column of the table as the manifest does."""
    return tuple(
        Feature(
            name=name,
            type=TYPES.get(column.dtype.kind, "string"),
            categories=tuple(data.categories[name]),
            typical=_typical(column),
            description=data.descriptions.get(name, ""),
            encoded=_own_columns(pipeline, data, name),
        )
        for name, column in ((str(label), data.X[label]) for label in data.X)
    )


def _typical(column: pd.Series) -> Any:
    value = column.mode().iloc[0]
    return value.item() if isinstance(value, np.generic) else value


def _own_columns(pipeline: Pipeline, data: Dataset, name: str) -> tuple[int, ...]:
    """Find the encoded columns that change when this feature alone takes each of its values."""
    values = list(data.categories[name])
    rows = pd.concat([data.X.iloc[[0]]] * len(values), ignore_index=True)
    rows[name] = pd.Series(values, dtype=data.X[name].dtype)
    encoded = np.asarray(pipeline[:-1].transform(rows))
    return tuple(np.flatnonzero(np.ptp(encoded, axis=0) > 0).tolist())


def _linear(estimator: Any) -> Linear | None:
    if not hasattr(estimator, "coef_"):
        return None
    coefficients = np.atleast_2d(estimator.coef_)
    return Linear(tuple(map(tuple, coefficients.tolist())), tuple(np.atleast_1d(estimator.intercept_).tolist()))


def _golden(pipeline: Pipeline, X: pd.DataFrame, seed: int) -> Golden:
    rows = X.sample(n=min(GOLDEN_ROWS, len(X)), random_state=seed)
    return Golden(
        rows=tuple(map(tuple, rows.to_numpy(dtype=object).tolist())),
        labels=tuple(pipeline.predict(rows).tolist()),
        probabilities=tuple(map(tuple, pipeline.predict_proba(rows).tolist())),
    )


def _dump(pipeline: Pipeline) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(pipeline, buffer)
    return buffer.getvalue()


def _git_commit() -> str | None:
    """Name the commit of the training code, where git knows it."""
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
