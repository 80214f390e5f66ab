"""A model that has been loaded and tested on its golden rows, and can predict."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timezone
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from function.errors import Refused
from function.model.bundle import ENCODER, ESTIMATOR, JOBLIB, PLAN, REPORT, Bundle, is_bundle, read_bundle
from function.model.engines.engine import Engine
from function.model.manifest import Golden, Linear, Manifest
from function.model.outputs import Method, Outputs
from function.model.plan.proof import TOLERANCE, Proof
from function.model.schema import TWO_STAGES, Columns, Schema, Vectors

MAX_REPORT_BYTES = 8 * 2**20
"""A larger report is not loaded, and so not shown."""


class LoadedModel(Struct, frozen=True, eq=False, dict=True, weakref=True):
    """One model with its identity; immutable, so that requests may share it and finish after its replacement."""

    manifest: Manifest
    schema: Schema
    engine: Engine
    sha256: str
    generation: int | None
    loaded_at: datetime
    warnings: tuple[str, ...] = ()
    report: bytes | None = None
    """The bundle's own evaluation report, an HTML document whose content is not checked."""

    @cached_property
    def version(self) -> str:
        """The version of the content, the same wherever the model is stored."""
        return self.manifest.version

    @property
    def has_probabilities(self) -> bool:
        """Whether predictions include a probability for each class."""
        return self.engine.probabilities

    @property
    def has_scores(self) -> bool:
        """Whether predictions include the score of an outlier detector."""
        return self.manifest.task == "outlier"

    def predict_columns(self, columns: Columns) -> Outputs:
        """Predict n rows, given as an array of shape [n] for each feature."""
        return self._with_labels(self.engine.predict_columns(columns)) if len(columns[0]) else self._no_rows()

    def predict_vectors(self, vectors: Vectors) -> Outputs:
        """Predict n encoded vectors."""
        return self._with_labels(self.engine.predict(self.engine.vectors(vectors))) if len(vectors) else self._no_rows()

    @cached_property
    def explained_by(self) -> Method | None:
        """How the model's predictions can be explained, if they can be."""
        return None if self.manifest.predicted_outputs else _method_of(self.manifest, self.schema)

    def _with_labels(self, outputs: Outputs) -> Outputs:
        classes, threshold = self.manifest.classes, self.manifest.threshold
        if threshold is not None and (above := outputs.above(threshold)) is not None:
            return outputs.labelled(self._classes.take(above))
        if classes and isinstance(classes[0], bool | float):
            # ONNX supports only integers and text as classes.
            return outputs.labelled(outputs.labels.astype(type(classes[0])))
        return outputs

    @cached_property
    def _classes(self) -> npt.NDArray[Any]:
        return np.array(self.manifest.classes)

    def _no_rows(self) -> Outputs:
        """Return the outputs for no rows, which engines do not support."""
        several, classes = self.manifest.predicted_outputs, self.manifest.classes or ()
        return Outputs(np.empty((0, len(several)) if several else 0), np.empty((0, len(classes))), scores=np.empty(0))


def _method_of(manifest: Manifest, schema: Schema) -> Method | None:
    """Return how a model's predictions can be explained; None if the manifest describes too little of its features."""
    if manifest.linear is not None and _weights_have_owners(manifest, manifest.linear):
        return "linear"
    return "replacement" if schema.typical else None


def _weights_have_owners(manifest: Manifest, linear: Linear) -> bool:
    """Return whether each encoded column with a weight depends on exactly one feature."""
    owned = [column for feature in manifest.features for column in feature.encoded]
    owners = np.bincount(owned, minlength=len(manifest.encoded))
    weighted = np.array(linear.coefficients).any(axis=0)
    return bool((owners[weighted] == 1).all())


def load(data: bytes, generation: int | None, max_bytes: int, name: str = "model") -> LoadedModel:
    """Load a model from a file's bytes: a bundle, which is tested on its golden rows, or a bare joblib file.

    Args:
        data: the file.
        generation: the generation of the object in the bucket, if any.
        max_bytes: the maximum size of the inflated content.
        name: the name of a model whose file does not contain one.

    Raises:
        Refused: the file must not be served; the message describes why.
    """
    sha256, report = hashlib.sha256(data).hexdigest(), None
    if is_bundle(data):
        bundle = read_bundle(data, max_bytes)
        manifest, (engine, warnings), report = bundle.manifest, _engine(bundle, max_bytes), _report(bundle)
    else:
        from function.model.joblib.bare import read_bare

        manifest, engine, warnings = read_bare(data, sha256, max_bytes, name)
    now = datetime.now(timezone.utc)
    model = LoadedModel(manifest, Schema(manifest, engine.codes), engine, sha256, generation, now, warnings, report)
    if manifest.golden:
        _check_golden_rows(model, manifest.golden)
    return model


def _engine(bundle: Bundle, max_bytes: int) -> tuple[Engine, tuple[str, ...]]:
    """Build the engine, importing only the libraries that it needs."""
    golden = bundle.manifest.golden
    probabilities = golden is not None and golden.probabilities is not None
    manifest = bundle.manifest
    if PLAN in bundle:
        from function.model.engines.plan import PlanEngine

        tolerance = manifest.proof.tolerance if isinstance(manifest.proof, Proof) else TOLERANCE
        names = [feature.name for feature in manifest.features]
        graph = bundle.read(ESTIMATOR) if ESTIMATOR in bundle else None
        plan = PlanEngine(bundle.read(PLAN), graph, names, probabilities=probabilities, tolerance=tolerance)
        if plan.width != len(manifest.encoded):
            raise Refused(f"plan.json encodes {plan.width} columns, manifest.json names {len(manifest.encoded)}")
        return plan, ()
    if ENCODER in bundle:
        from function.model.engines.onnx import OnnxEngine

        return OnnxEngine(bundle.read(ENCODER), bundle.read(ESTIMATOR), probabilities=probabilities), ()
    if JOBLIB not in bundle:
        raise Refused(f"the bundle has neither {PLAN} nor {JOBLIB}")
    from function.model.engines.sklearn import SklearnEngine, has_two_stages
    from function.model.joblib.bare import inspection, read_joblib

    model, warnings = read_joblib(bundle.read(JOBLIB), max_bytes)
    names = [feature.name for feature in manifest.features]
    with inspection():
        if manifest.stages == TWO_STAGES and not has_two_stages(model):
            raise Refused(f"{JOBLIB} is not a pipeline of transformers and an estimator")
        engine = SklearnEngine(
            model,
            names,
            stages=manifest.stages,
            probabilities=probabilities,
            scores=manifest.task == "outlier",
            several=bool(manifest.predicted_outputs),
        )
    return engine, warnings


def _report(bundle: Bundle) -> bytes | None:
    shown = REPORT in bundle and bundle.manifest.members[REPORT].size <= MAX_REPORT_BYTES
    return bundle.read(REPORT) if shown else None


def _check_golden_rows(model: LoadedModel, golden: Golden) -> None:
    """Predict the golden rows with the engine that will serve, and compare with the manifest."""
    try:
        columns = model.schema.golden_columns(golden.rows)
    except msgspec.ValidationError as error:
        raise Refused(f"a golden row is not one that a caller may send: {error}") from None
    try:
        outputs = model.predict_columns(columns)
    except Exception as error:
        # Whatever an unknown graph does, the process keeps serving the model it has.
        warnings = "".join(f"; {warning}" for warning in model.warnings)
        raise Refused(f"the golden rows can't be predicted: {type(error).__name__}{warnings}") from error
    if model.manifest.task in ("regression", "multioutput-regression"):
        _compare("value", outputs.labels, golden.labels, model.engine.tolerance)
    elif [tuple(label) if isinstance(label, list) else label for label in outputs.labels.tolist()] != [*golden.labels]:
        raise Refused("the golden rows get other labels than in training")
    if golden.scores:
        _compare("score", outputs.scores, golden.scores, model.engine.tolerance)
    if golden.probabilities is not None:
        _compare("probability", outputs.probabilities, golden.probabilities, model.engine.tolerance)


def _compare(what: str, got: npt.NDArray[Any] | None, expected: Sequence[Any], tolerance: float) -> None:
    wanted = np.array(expected, dtype=float)
    if got is None or got.shape != wanted.shape:
        raise Refused(f"the golden rows get no {what}, or not as many as in training")
    worst = float(np.max(relative_difference(got, wanted)))
    if not worst <= tolerance:
        raise Refused(f"the golden rows get another {what} than in training, by up to {worst:.2g}")


def relative_difference(got: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the differences between values; for magnitudes above 1, relative to the wanted value."""
    difference: npt.NDArray[Any] = np.abs(got - wanted) / np.maximum(1.0, np.abs(wanted))
    return difference
