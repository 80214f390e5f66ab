"""Build a bundle from a fitted model."""

import platform
import subprocess
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any

import msgspec
import pandas as pd
from msgspec import UNSET, UnsetType

from function.errors import Refused
from function.model.bundle import REPORT, complete, read_bundle, write_bundle
from function.model.dates import write_time
from function.model.engines.inputs import input_of
from function.model.engines.sklearn import dense, encode, has_two_stages
from function.model.joblib.tasks import Prediction, describe_prediction, task_of
from function.model.loaded import load
from function.model.manifest import Feature, Golden, Manifest, Output, Target
from function.model.plan.proof import Proof
from function.model.schema import Schema, value_type
from model_training.bundling.compilation import compile_model
from model_training.bundling.features import describe_features, without
from model_training.bundling.linear import linear_of
from model_training.bundling.originals import NAMES, library_versions, only_compiled, original_of, output_names
from model_training.bundling.policies import unknown_value, with_value
from model_training.bundling.samples import left_out, quoted
from model_training.data.dataset import Dataset
from model_training.evaluation.evaluation import Evaluation
from model_training.reporting.report import render

GOLDEN_ROWS = 64
LIBRARIES = ("scikit-learn", "numpy", "joblib", "onnx", "skl2onnx", "onnxruntime")


@dataclass(frozen=True)
class Packed:
    """A bundle, and its manifest with the proof, or the reason why the model is not compiled."""

    data: bytes
    manifest: Manifest
    not_compiled: str
    left_out: int
    """The number of rows in the sample with values that callers may not send."""
    left_out_because: tuple[str, ...]
    """For each column with such values: which they are, in how many rows, and what is allowed."""
    evaluation: Evaluation | None
    report: bytes | None
    """The HTML report of the evaluation, which is in the bundle too."""

    @property
    def engine(self) -> str:
        """Describe which engine will serve the model, and why."""
        return _engine(self.manifest.proof, self.not_compiled)


def build_bundle(model: Any, sample: Dataset, evaluation: Evaluation | None, seed: int) -> Packed:
    """Compile a fitted model, prove that predictions are the same on a sample, and bundle it with its report.

    Raises:
        Refused: the model cannot be served, or no row of the sample is one that callers may send.
    """
    prediction = prediction_of(model, sample.X)
    features = describe_features(model, sample)
    encoded = encoded_names(model, sample.X)
    threshold = evaluation.threshold if evaluation else None
    manifest = Manifest(
        name=sample.name,
        task=prediction.task,
        features=features,
        unknown_fields="ignore" if sample.policies.unknown_fields == "ignore" else UNSET,
        stages=2 if _encodes(model, sample.X) else 1,
        encoded=encoded,
        classes=prediction.classes,
        outputs=prediction.outputs,
        target=UNSET if sample.y is None else Target(str(sample.y.name), sample.description),
        title=sample.title or UNSET,
        wording=sample.wording,
        threshold=threshold,
        created=datetime.now(timezone.utc).replace(microsecond=0),
        libraries=_versions(model),
        metrics=evaluation.plain_metrics() if evaluation else {},
        data=sample.origin,
        reading=sample.reading,
        git_commit=_git_commit(),
    )
    sample_rows = _with_unusual(sample.X, features)
    rows = _servable(manifest, sample_rows)
    compiled = compile_model(model, prediction.task, features, rows)
    if compiled.width and compiled.width != len(encoded):  # A pipeline inside another estimator.
        manifest = _with_unnamed_columns(manifest, compiled.width)
    golden = _golden(model, rows, manifest, seed, probabilities=prediction.probabilities)
    linear = linear_of(model, prediction.task, rows)
    manifest = msgspec.structs.replace(manifest, golden=golden, linear=linear, proof=compiled.proof or UNSET)
    members = {**original_of(model, compiled.reason), **compiled.members}
    report = None
    if evaluation:
        report = render(complete(manifest, members), evaluation, _engine(compiled.proof, compiled.reason))
        members[REPORT] = report
    data = write_bundle(manifest, members)
    # Reading the bundle fills in version and members, and checks the manifest as serving does.
    checked = read_bundle(data, max_bytes=len(data) * 1100).manifest
    _try(data, compiled.not_exact or compiled.reason)
    lost = len(sample_rows) - len(rows)
    return Packed(data, checked, compiled.reason, lost, _reasons(sample_rows, features), evaluation, report)


def prediction_of(model: Any, X: pd.DataFrame) -> Prediction:
    """Describe what a fitted model predicts, by its prediction for the first row of a table.

    Raises:
        Refused: the model predicts what is not served.
    """
    task_of(model)  # Refuses a model without predict.
    found = describe_prediction(model, dense(model.predict(input_of(model, X.iloc[[0]]))))
    names = output_names(model) if found.outputs else ()
    return found._replace(outputs=tuple(map(Output, names))) if names else found


def _try(data: bytes, not_exact: str) -> None:
    """Load a bundle with the engine that will serve it, which predicts the golden rows.

    A booster inside another estimator is served by an exact translation only: no converter knows it.
    """
    try:
        load(data, None, len(data) * 1100)
    except Refused as error:
        if library := next((name for name in NAMES if f" {name}." in str(error)), None):
            raise Refused(only_compiled(library, not_exact)) from error
        raise Refused(f"the function would refuse the bundle: {error}") from error


def _versions(model: Any) -> dict[str, str]:
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
        **library_versions(model),
    }


def _engine(proof: Proof | UnsetType | None, not_compiled: str) -> str:
    return f"compiled, {proof.statement}" if proof else f"scikit-learn, because it cannot be compiled: {not_compiled}"


def _with_unnamed_columns(manifest: Manifest, width: int) -> Manifest:
    """Return the manifest with encoded columns that have no names and belong to no feature."""
    features = tuple(msgspec.structs.replace(feature, encoded=()) for feature in manifest.features)
    return msgspec.structs.replace(manifest, stages=2, encoded=tuple(f"x{i}" for i in range(width)), features=features)


def _encodes(model: Any, X: pd.DataFrame) -> bool:
    """Return whether callers may send encoded vectors: the estimator's own input, if it is numbers."""
    return has_two_stages(model) and encode(model, input_of(model, X.iloc[[0]])).dtype.kind in "iufb"


def encoded_names(model: Any, X: pd.DataFrame) -> tuple[str, ...]:
    """Return the names of the encoded vector's columns: the encoder's own, or x0, x1, ..."""
    if not _encodes(model, X):
        return tuple(map(str, X.columns))
    try:
        return tuple(map(str, model[:-1].get_feature_names_out()))
    except (AttributeError, TypeError, ValueError):  # A step that is no transformer, such as "passthrough", has none.
        width = encode(model, input_of(model, X.iloc[[0]])).shape[1]
        return tuple(f"x{i}" for i in range(width))


def _with_unusual(X: pd.DataFrame, features: tuple[Feature, ...]) -> pd.DataFrame:
    """Prepend rows without the value of each nullable feature, and with an unknown value of each open one.

    So the proof and the golden rows cover them too.
    """
    rows = [
        without(X.iloc[[0]], feature.name, float if feature.type == "number" else object)
        for feature in features
        if feature.nullable
    ]
    unknown = [with_value(X, f.name, unknown_value(f)) for f in features if f.open]
    return pd.concat([*rows, *unknown, X], ignore_index=True) if rows or unknown else X


def _servable(manifest: Manifest, X: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows that a caller may send."""
    schema = Schema(manifest)
    kept = [schema.accepts(row) for row in _values(X, manifest.features)]
    if not any(kept):
        reasons = "; ".join(_reasons(X, manifest.features))
        raise Refused(f"no row of the sample has only values that the model knows: {reasons}")
    return X[kept]


def _reasons(X: pd.DataFrame, features: tuple[Feature, ...]) -> tuple[str, ...]:
    """Name the values of each column that callers may not send, and what is allowed."""
    return tuple(
        left_out(feature.name, list(counts), sum(counts.values()), _allowed(feature))
        for feature, values in zip(features, zip(*_values(X, features), strict=True), strict=True)
        if (counts := Counter(value for value in values if not _accepts(value, feature)))
    )


def _accepts(value: Any, feature: Feature) -> bool:
    try:
        msgspec.convert(value, value_type(feature))
    except msgspec.ValidationError:
        return False
    return True


def _allowed(feature: Feature) -> str:
    """Describe the values that callers may send for a feature."""
    return (
        f"{quoted(feature.categories) if feature.categories else feature.type}{' or null' if feature.nullable else ''}"
    )


def _values(X: pd.DataFrame, features: tuple[Feature, ...]) -> list[tuple[Any, ...]]:
    """Return a table's rows as JSON has them: plain values, and None for missing ones."""
    columns = [[plain(value, feature) for value in X[feature.name].tolist()] for feature in features]
    return list(zip(*columns, strict=True))


def plain(value: Any, feature: Feature) -> Any:
    """Return a value of a table as JSON has it; null if it is missing, and dates as text."""
    if pd.isna(value):
        return None
    if feature.format is not UNSET:
        return write_time(value, feature.format)
    # A column of integers with a missing value is a column of floats.
    return int(value) if feature.type == "integer" else value


def _golden(model: Any, X: pd.DataFrame, manifest: Manifest, seed: int, *, probabilities: bool) -> Golden:
    chosen = X.sample(n=min(GOLDEN_ROWS, len(X)), random_state=seed)
    rows = input_of(model, chosen)
    predicted = dense(model.predict(rows))
    shares = model.predict_proba(rows).tolist() if probabilities else None
    labels = list(map(tuple, predicted.tolist())) if manifest.predicted_outputs else predicted.reshape(-1).tolist()
    if manifest.threshold is not None and manifest.classes and shares:
        labels = [manifest.classes[row[1] > manifest.threshold] for row in shares]
    return Golden(
        rows=tuple(_values(chosen, manifest.features)),
        labels=tuple(labels),
        probabilities=None if shares is None else tuple(map(tuple, shares)),
        scores=tuple(model.decision_function(rows).tolist()) if manifest.task == "outlier" else UNSET,
    )


def _git_commit() -> str | None:
    """Return the commit of the training code, if git is installed and knows it."""
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
