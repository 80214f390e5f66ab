"""A model that has been read, checked and tried, and can predict."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from function.errors import Refused
from function.model.bundle import ENCODER, ESTIMATOR, Bundle, is_bundle, read_bundle
from function.model.manifest import Manifest
from function.model.outputs import Outputs
from function.model.schema import Columns, Matrix, Schema

TOLERANCE = 1e-5
"""How far a probability or value may be from what training saw."""


class Engine(Protocol):
    """What runs a model's two stages."""

    name: str

    def encode(self, columns: Columns) -> Matrix:
        """Turn an array of shape [n] for each feature into the encoded matrix, [n, width]."""

    def predict(self, encoded: Matrix) -> Outputs:
        """Predict from an encoded matrix, [n, width]."""


@dataclass(frozen=True, eq=False)
class LiveModel:
    """One model with its identity; immutable, so requests may share it and outlive its replacement."""

    manifest: Manifest
    schema: Schema
    engine: Engine
    sha256: str
    generation: int | None
    loaded_at: datetime

    @property
    def version(self) -> str:
        """The content's version, the same wherever the model is."""
        return self.manifest.version

    def encode(self, columns: Columns) -> Matrix:
        """Turn columns of shape [n] into the encoded matrix, [n, width]."""
        if not len(columns[0]):
            return self.schema.matrix([])
        return self.engine.encode(columns)

    def predict(self, encoded: Matrix) -> Outputs:
        """Predict from an encoded matrix, [n, width], and apply the manifest's threshold."""
        if not len(encoded):
            return Outputs(np.empty(0), np.empty((0, len(self.manifest.classes or ()))))
        outputs = self.engine.predict(encoded)
        threshold, probabilities = self.manifest.threshold, outputs.probabilities
        if threshold is None or probabilities is None:
            return outputs
        chosen = (probabilities[:, 1] > threshold).astype(int)
        return Outputs(np.array(self.manifest.classes)[chosen], probabilities)


def load(data: bytes, generation: int | None, max_bytes: int) -> LiveModel:
    """Make a model of a file's bytes, and try it on its golden rows.

    Raises:
        Refused: saying why the file must not be served.
    """
    if not is_bundle(data):
        raise Refused("the file is not a bundle: its first bytes are not those of a zip file")
    bundle = read_bundle(data, max_bytes)
    model = LiveModel(
        manifest=bundle.manifest,
        schema=Schema(bundle.manifest),
        engine=_engine(bundle),
        sha256=hashlib.sha256(data).hexdigest(),
        generation=generation,
        loaded_at=datetime.now(timezone.utc),
    )
    _try_golden_rows(model)
    return model


def _engine(bundle: Bundle) -> Engine:
    if ESTIMATOR not in bundle.members:
        raise Refused(f"the bundle has no {ENCODER} and {ESTIMATOR}")
    # Imported here: what a model does not need is not loaded for it.
    from function.model.onnx_engine import OnnxEngine

    return OnnxEngine(bundle.members[ENCODER], bundle.members[ESTIMATOR])


def _try_golden_rows(model: LiveModel) -> None:
    """Predict the golden rows with the very engine that will serve, and compare."""
    golden = model.manifest.golden
    try:
        columns = model.schema.golden_columns(golden.rows)
    except msgspec.ValidationError as error:
        raise Refused(f"a golden row is not one that a caller may send: {error}") from None
    try:
        outputs = model.predict(model.encode(columns))
    except Exception as error:
        # Whatever a foreign graph does, the process goes on with the model it has.
        raise Refused(f"the golden rows can't be predicted: {type(error).__name__}") from error
    if model.manifest.task == "regression":
        _compare("value", outputs.labels, golden.labels)
    elif list(outputs.labels) != list(golden.labels):
        raise Refused("the golden rows get other labels than in training")
    if golden.probabilities is not None:
        _compare("probability", outputs.probabilities, golden.probabilities)


def _compare(what: str, got: npt.NDArray[Any] | None, expected: Sequence[Any]) -> None:
    wanted = np.array(expected, dtype=float)
    if got is None or got.shape != wanted.shape:
        raise Refused(f"the golden rows get no {what} each")
    scale = np.maximum(1.0, np.abs(wanted))
    worst = float(np.max(np.abs(got - wanted) / scale))
    if not worst <= TOLERANCE:
        raise Refused(f"the golden rows get another {what} than in training, by up to {worst:.2g}")
