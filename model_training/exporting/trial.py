"""Run the graph on the golden rows of its bundle, in ONNX Runtime alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime

from function.model.loaded import relative_difference
from function.model.manifest import Golden, Manifest
from function.model.plan.proof import Proof
from model_training.exporting.graph.inputs import inputs_in
from model_training.exporting.refused import NotExported

FORMAT_1_TOLERANCE = 1e-5


def predict(model: onnx.ModelProto, manifest: Manifest, rows: Sequence[Sequence[Any]]) -> list[Any]:
    """Return the outputs of a graph for n rows of values in the manifest's order, as callers send them."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    columns = zip(*rows, strict=True)
    fed = {
        each.feature.name: each.array(column)
        for each, column in zip(inputs_in(model, manifest.features), columns, strict=True)
    }
    outputs: list[Any] = session.run(None, fed)
    return outputs


def check_golden_rows(model: onnx.ModelProto, manifest: Manifest) -> int:
    """Compare the predictions of a graph with those that the bundle was published with; return the number of rows.

    Raises:
        NotExported: a label differs, or a number by more than the function tolerates.
    """
    golden = manifest.golden
    assert golden is not None  # noqa: S101 (a bundle without golden rows is not read)
    try:
        outputs = predict(model, manifest, golden.rows)
    except Exception as error:
        # ONNX Runtime has an exception class for each status, without a common base.
        raise NotExported(f"ONNX Runtime cannot run the graph: {' '.join(str(error).split())[:300]}") from None
    tolerance = manifest.proof.tolerance if isinstance(manifest.proof, Proof) else FORMAT_1_TOLERANCE
    if not all(_same(found, wanted, tolerance) for found, wanted in zip(outputs, _wanted(golden), strict=True)):
        raise NotExported("the graph predicts something else than the bundle for its golden rows; report this as a bug")
    return len(golden.rows)


def _wanted(golden: Golden) -> list[Any]:
    return [golden.labels] if golden.probabilities is None else [golden.labels, golden.probabilities]


def _same(found: Any, wanted: Any, tolerance: float) -> bool:
    if found.dtype != np.float64:
        return bool(found.tolist() == list(wanted))
    return bool(relative_difference(found, np.array(wanted, dtype=np.float64)).max() <= tolerance)
