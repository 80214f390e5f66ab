"""KServe V1; https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol.

Predictions have the bodies of the rows protocol; this module has what differs.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from function.errors import Problem
from function.model.loaded import LoadedModel


class ModelList(Struct, frozen=True):
    """The names of the models (KServe V1)."""

    models: list[str]


class ModelStatus(Struct, frozen=True):
    """A model that is ready (KServe V1)."""

    name: str
    ready: Annotated[bool, Meta(extra_json_schema={"const": True})]


class KServeError(Struct, frozen=True):
    """An error message (KServe V1)."""

    error: str


def list_models(model: LoadedModel) -> ModelList:
    """List the models, of which there is one (KServe V1)."""
    return ModelList([model.manifest.name])


def describe_readiness(model: LoadedModel) -> ModelStatus:
    """Report that the model is ready; 503 while it is not (KServe V1)."""
    return ModelStatus(model.manifest.name, ready=True)


def encode_problem(problem: Problem) -> bytes:
    """Encode an error as the body of a response."""
    return msgspec.json.encode(KServeError(str(problem)))
