"""KServe's V1: rows, asked for by the model's name; https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol.

Bodies are those of the rows protocol; what is here is what differs.
"""

from typing import Any

import msgspec

from function.errors import Problem
from function.model.loaded import LoadedModel


def list_models(model: LoadedModel) -> dict[str, Any]:
    """KServe V1: the names of the models, of which there is one."""
    return {"models": [model.manifest.name]}


def describe_readiness(model: LoadedModel) -> dict[str, Any]:
    """KServe V1: whether the model is ready; 503 when it is not."""
    return {"name": model.manifest.name, "ready": True}


def encode_problem(problem: Problem) -> bytes:
    """Write `{"error": sentence}`."""
    return msgspec.json.encode({"error": str(problem)})
