"""The whole HTTP surface as one table, and the handlers in it."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from function.errors import Problem, Unavailable, UnsupportedMediaType
from function.inference import Inference
from function.intake import Intake
from function.model.live import LiveModel
from function.model.store import ModelStore
from function.protocols import rows

NOT_JSON = "Send the body as JSON, with the header Content-Type: application/json."


@dataclass(frozen=True)
class Service:
    """What the handlers need."""

    store: ModelStore
    inference: Inference
    max_body_bytes: int


Handler = Callable[[Service, Request, Intake], Awaitable[Response]]


async def discover(service: Service, request: Request, intake: Intake) -> Response:
    """This document."""
    routes = [
        {"path": path, "method": method, "about": (handler.__doc__ or "").strip()}
        for path, handlers in TABLE.items()
        for method, handler in handlers.items()
    ]
    return answer({"service": "Taxiway", "routes": routes}, service.store.live)


async def health(service: Service, request: Request, intake: Intake) -> Response:
    """Says that the process answers, and whether a model is live; never touches the bucket."""
    return answer({"status": "OK", "model": _identity(service.store.live)}, service.store.live)


async def describe_model(service: Service, request: Request, intake: Intake) -> Response:
    """The live model: its identity, features and metrics, and why a newer file is not served."""
    store = service.store
    with suppress(Unavailable):  # Told in the answer, by `refused` and `unreachable`.
        await store.get()
    return answer(_description(store), store.live)


async def predict_rows(service: Service, request: Request, intake: Intake) -> Response:
    """Predicts: `test_array` (one encoded vector) or `instances` (rows of named features)."""
    body = await _json_body(service, request, intake)
    model = await service.store.get()
    return _json(await service.inference.answer(rows, body, model), model)


TABLE: Mapping[str, Mapping[str, Handler]] = {
    "/": {"GET": discover, "POST": predict_rows},
    "/predict": {"POST": predict_rows},
    "/predict/": {"POST": predict_rows},
    "/health": {"GET": health},
    "/model": {"GET": describe_model},
}


def answer(content: Any, model: LiveModel | None) -> Response:
    """Answer with a JSON document and the version of the live model."""
    return _json(msgspec.json.encode(content), model)


def answer_problem(problem: Problem, model: LiveModel | None) -> Response:
    """Answer an expected failure in the dialect of the rows protocol."""
    response = _json(rows.encode_problem(problem), model, problem.status)
    response.headers.update(problem.headers)
    return response


def _json(body: bytes, model: LiveModel | None, status: int = 200) -> Response:
    headers = {"X-Model-Version": model.version} if model else None
    return Response(body, status, headers, media_type="application/json")


async def _json_body(service: Service, request: Request, intake: Intake) -> bytes:
    body = await intake.read(service.max_body_bytes)
    declared = request.headers.get("content-type", "application/json")
    if declared.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType(NOT_JSON)
    return body


def _identity(model: LiveModel | None) -> dict[str, Any]:
    return {
        "name": model.manifest.name if model else None,
        "version": model.version if model else None,
        "generation": model.generation if model else None,
    }


def _description(store: ModelStore) -> dict[str, Any]:
    model, refused, unreachable = store.live, store.refused, store.unreachable
    return {
        **_identity(model),
        "sha256": model and model.sha256,
        "engine": model and model.engine.name,
        "features": model and model.manifest.features,
        "metrics": model and model.manifest.metrics,
        "loaded_at": model and model.loaded_at,
        "warnings": model.warnings if model else [],
        "refused": refused and {"generation": refused.found.generation, "reason": refused.reason},
        "unreachable": unreachable,
    }
