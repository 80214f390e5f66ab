"""Convert estimators without an exact translation by skl2onnx, if the numbers are close enough."""

import warnings
from functools import partial
from typing import Any

import pandas as pd
from msgspec.structs import replace
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from function.model.plan.proof import TOLERANCE, Proof
from function.model.plan.structs import Plan
from model_training.bundling.exact.build import Built, members_of, proving
from model_training.bundling.exact.compiled import Compiled, compile_model
from model_training.bundling.exact.proof.prove import GRAPH
from model_training.bundling.exact.refused import first_line
from model_training.bundling.graphs import check_graph

SINGLE_TOLERANCE = 1e-5
"""How far the numbers of a graph in single precision may differ."""
BATCH_BYTES = 64 * 2**20
PRECISIONS = (DoubleTensorType, FloatTensorType)
"""The precisions of the encoded vector to try, best first."""


def convert(model: Any, X: pd.DataFrame) -> Built:
    """Compile a model's encoder exactly and convert its estimator; return no members if that is not close enough.

    Args:
        model: the fitted model.
        X: rows that callers may send, in the types of requests.
    """
    reasons: dict[str, None] = {}
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for tensor in PRECISIONS:
            try:
                built = _attempt(model, X, tensor)
            except Exception as error:
                # Converters raise any exception; whatever it is, scikit-learn itself can serve the model.
                reasons[first_line(error) or type(error).__name__] = None
                continue
            if built.members:
                return built
            reasons[built.proof.reason] = None
    return Built(Proof(kind="scikit-learn", reason="; ".join(reasons)))


def _attempt(model: Any, X: pd.DataFrame, tensor: Any) -> Built:
    compiled = compile_model(model, X, partial(_converted, tensor))
    members = members_of(compiled)
    check_graph(GRAPH, members[GRAPH])
    comparing = proving(model, compiled, X, X)
    comparing.tolerance = SINGLE_TOLERANCE
    proof = comparing.prove(members, compiled)
    if proof and proof.largest_difference <= TOLERANCE:
        proof = replace(proof, tolerance=TOLERANCE)
    return Built(proof, members if proof else {})


def _converted(tensor: Any, estimator: Any, plan: Plan) -> Compiled:
    options = {"zipmap": False} if hasattr(estimator, "classes_") else None
    graph = to_onnx(estimator, initial_types=[("X", tensor([None, estimator.n_features_in_]))], options=options)
    if not hasattr(estimator, "predict_proba"):  # The second output then holds scores, which are not served.
        del graph.graph.output[1:]
    # skl2onnx builds the list from a set, whose order differs between processes.
    imports = sorted(graph.opset_import, key=lambda opset: opset.domain)
    del graph.opset_import[:]
    graph.opset_import.extend(imports)
    return Compiled(plan, "converted", graph, _batch_rows(estimator))


def _batch_rows(estimator: Any) -> int | None:
    """Return how many rows a batch may have, given that each needs its distances to all fitted rows."""
    fitted = max(getattr(estimator, "n_samples_fit_", 0), len(getattr(estimator, "support_vectors_", ())))
    return max(1, BATCH_BYTES // (8 * fitted)) if fitted else None
