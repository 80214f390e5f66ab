"""The responses that describe the service and its live model."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from function.live.store import Outage, State
from function.model.loaded import LoadedModel
from function.model.manifest import Feature, Output, Scalar, Target, Wording
from function.protocols import predictions

Time = Annotated[datetime, Meta(tz=True)]


class RouteDescription(Struct, frozen=True):
    """A route, and a sentence about it."""

    path: str
    method: str
    about: str


class Discovery(Struct, frozen=True):
    """The routes of the service."""

    service: str
    # KServe's clients read the status as a sign of life.
    status: Literal["alive"]
    routes: list[RouteDescription]


class ModelIdentity(Struct, frozen=True):
    """The name, version and generation of the live model; null while none is live."""

    name: str | None
    version: str | None
    generation: int | None


class Health(Struct, frozen=True):
    """Whether the process is alive, and which model is live."""

    status: Literal["OK"]
    model: ModelIdentity


class RefusedFile(Struct, frozen=True):
    """A newer model file that must not be served, and why."""

    generation: int | None
    reason: str


class ModelDescription(ModelIdentity, frozen=True, kw_only=True):
    """The live model, and why a newer file is not served; the fields of the model are null while none is live."""

    sha256: str | None
    engine: str | None
    created: Time | None
    task: str | None
    target: Target | None
    """What the model predicts; null if its bundle does not say."""
    title: str | None
    classes: tuple[Scalar, ...] | None
    predicted_outputs: tuple[Output, ...]
    """The outputs of a model that predicts several values for each row; empty for all other models."""
    wording: Wording | None
    outputs: list[str]
    """The values of `parameters.output` that the model supports."""
    report: bool
    """Whether `GET /report` has a report."""
    features: tuple[Feature, ...] | None
    metrics: dict[str, float] | None
    loaded_at: Time | None
    warnings: tuple[str, ...]
    refused: RefusedFile | None
    unreachable: Outage | None
    unavailable: str | None
    """Why no model can be served, and what to do."""


def describe_health(model: LoadedModel | None) -> Health:
    """Report that the process responds, and which model is live."""
    identity = ModelIdentity(model.manifest.name, model.version, model.generation) if model else None
    return Health("OK", identity or ModelIdentity(None, None, None))


def describe_model(state: State, unavailable: str | None) -> ModelDescription:
    """Describe the live model, if any, and the state of its source."""
    model, refused = state.live, state.refused
    return ModelDescription(
        name=model.manifest.name if model else None,
        version=model.version if model else None,
        generation=model.generation if model else None,
        sha256=model.sha256 if model else None,
        engine=model.engine.name if model else None,
        created=model.manifest.created if model else None,
        task=model.manifest.task if model else None,
        target=(model.manifest.target or None) if model else None,
        title=(model.manifest.title or None) if model else None,
        classes=model.manifest.classes if model else None,
        predicted_outputs=model.manifest.predicted_outputs if model else (),
        wording=model.manifest.wording if model else None,
        outputs=predictions.outputs_of(model) if model else [],
        report=model is not None and model.report is not None,
        features=model.manifest.features if model else None,
        metrics=model.manifest.metrics if model else None,
        loaded_at=model.loaded_at if model else None,
        warnings=model.warnings if model else (),
        refused=RefusedFile(refused.file.generation, refused.reason) if refused else None,
        unreachable=state.unreachable,
        unavailable=unavailable,
    )
