"""The whole HTTP surface as one table, and the handlers in it."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from function.errors import BadInput, NotFound, Unavailable
from function.http import descriptions
from function.http.bodies import Intake
from function.http.descriptions import Discovery, RouteDescription
from function.http.errors import UnsupportedMediaType
from function.http.openapi.document import document
from function.http.pages import responses
from function.http.responses import JSONBytes, answer
from function.inference.inference import Inference, WireFormat
from function.live.store import ModelStore
from function.model.loaded import LoadedModel
from function.protocols import bigquery, kserve, open_inference, rows

BINARY_TENSORS = "inference-header-content-length"
JSON = b"application/json"
NOT_JSON = "Send the body as JSON, with the header Content-Type: application/json."


@dataclass(frozen=True)
class Service:
    """What the handlers need."""

    store: ModelStore
    inference: Inference
    max_body_bytes: int


Handler = Callable[[Service, Request, Intake], Awaitable[Response]]


async def discover(service: Service, request: Request, intake: Intake) -> Response:
    """A page to try the model on, for a browser; else this document."""
    headers = request.headers
    if responses.prefers_html(headers.get("accept", "")):
        response = responses.file("index.html", headers.get("if-none-match", ""))
    else:
        response = answer(Discovery("Taxiway", "alive", _routes()), service.store.live)
    response.headers["Vary"] = "Accept"
    return response


def _routes() -> list[RouteDescription]:
    return [
        RouteDescription(path, method, (handler.__doc__ or "").strip())
        for path, handlers in TABLE.items()
        for method, handler in handlers.items()
    ]


async def send_docs(service: Service, request: Request, intake: Intake) -> Response:
    """The OpenAPI document as a page to read and to try it on."""
    return responses.file("docs.html", request.headers.get("if-none-match", ""))


async def send_asset(service: Service, request: Request, intake: Intake) -> Response:
    """A file that a page needs."""
    name = request.path_params["name"]
    if name not in responses.ASSETS:
        raise NotFound(f"There is no such file. There are {', '.join(sorted(responses.ASSETS))}.")
    return responses.file(name, request.headers.get("if-none-match", ""))


async def send_report(service: Service, request: Request, intake: Intake) -> Response:
    """The evaluation report of the live model, as its bundle has it."""
    model = await service.store.get()
    if model.report is None:
        raise NotFound("The live model came without a report.")
    response = responses.report(model.report, request.headers.get("if-none-match", ""))
    response.headers["X-Model-Version"] = model.version
    return response


async def health(service: Service, request: Request, intake: Intake) -> Response:
    """Says that the process answers, and whether a model is live; never touches the bucket."""
    return answer(descriptions.describe_health(service.store.live), service.store.live)


async def describe_model(service: Service, request: Request, intake: Intake) -> Response:
    """The live model: its identity, features and metrics, and why a newer file is not served."""
    unavailable = None
    try:
        await service.store.get()
    except Unavailable as problem:
        unavailable = str(problem)
    return answer(descriptions.describe_model(service.store, unavailable), service.store.live)


async def describe_api(service: Service, request: Request, intake: Intake) -> Response:
    """All of this as an OpenAPI document, made for the live model."""
    with suppress(Unavailable):  # Without a model, rows may be anything.
        await service.store.get()
    live = service.store.live
    return answer(document(TABLE, live, service.inference.max_rows), live)


async def predict_rows(service: Service, request: Request, intake: Intake) -> Response:
    """Predicts: `test_array` (one encoded vector) or `instances` (rows of named features)."""
    return await _predict(rows, service, request, intake)


async def predict_tensors(service: Service, request: Request, intake: Intake) -> Response:
    """Predicts by the Open Inference Protocol: named tensors in, named tensors out."""
    if BINARY_TENSORS in request.headers:
        raise BadInput(open_inference.NO_BINARY)
    return await _predict(open_inference, service, request, intake)


async def predict_calls(service: Service, request: Request, intake: Intake) -> Response:
    """Predicts for a BigQuery remote function: a reply each call."""
    return await _predict(bigquery, service, request, intake)


def telling(describe: Callable[[], Struct]) -> Handler:
    """Make a handler that answers what needs no model."""

    async def tell(service: Service, request: Request, intake: Intake) -> Response:
        return answer(describe(), service.store.live)

    tell.__doc__ = describe.__doc__
    return tell


def telling_of_model(describe: Callable[[LoadedModel], Struct]) -> Handler:
    """Make a handler that answers what the live model says of itself; 503 while there is none."""

    async def tell(service: Service, request: Request, intake: Intake) -> Response:
        model = await _model(service, request)
        return answer(describe(model), model)

    tell.__doc__ = describe.__doc__
    return tell


MODEL = "/v2/models/{model}"
VERSION = "/v2/models/{model}/versions/{version}"
TABLE: Mapping[str, Mapping[str, Handler]] = {
    "/": {"GET": discover, "POST": predict_rows},
    "/predict": {"POST": predict_rows},
    "/predict/": {"POST": predict_rows},
    "/health": {"GET": health},
    "/model": {"GET": describe_model},
    "/openapi.json": {"GET": describe_api},
    "/docs": {"GET": send_docs},
    "/report": {"GET": send_report},
    "/assets/{name}": {"GET": send_asset},
    "/v1/models": {"GET": telling_of_model(kserve.list_models)},
    "/v1/models/{model}:predict": {"POST": predict_rows},
    "/v1/models/{model}": {"GET": telling_of_model(kserve.describe_readiness)},
    "/v2": {"GET": telling(open_inference.describe_server)},
    "/v2/": {"GET": telling(open_inference.describe_server)},
    "/v2/health/live": {"GET": telling(open_inference.describe_liveness)},
    "/v2/health/ready": {"GET": telling_of_model(open_inference.describe_server_readiness)},
    MODEL: {"GET": telling_of_model(open_inference.describe_model)},
    f"{MODEL}/ready": {"GET": telling_of_model(open_inference.describe_readiness)},
    f"{MODEL}/infer": {"POST": predict_tensors},
    VERSION: {"GET": telling_of_model(open_inference.describe_model)},
    f"{VERSION}/ready": {"GET": telling_of_model(open_inference.describe_readiness)},
    f"{VERSION}/infer": {"POST": predict_tensors},
    "/bigquery": {"POST": predict_calls},
}


async def _predict(wire: WireFormat, service: Service, request: Request, intake: Intake) -> Response:
    body = await _json_body(service, request, intake)
    model = await _model(service, request)
    return JSONBytes(await service.inference.answer(wire, body, model), model)


async def _model(service: Service, request: Request) -> LoadedModel:
    """Return the live model, if it is the one that the path names."""
    model = await service.store.get()
    if request.path_params.get("model", model.manifest.name) != model.manifest.name:
        raise NotFound(f"There is no model of that name here; the live one is {model.manifest.name}.")
    if request.path_params.get("version", model.version) != model.version:
        raise NotFound(f"This version is not served; the live one of {model.manifest.name} is {model.version}.")
    return model


async def _json_body(service: Service, request: Request, intake: Intake) -> bytes:
    body = await intake.read(service.max_body_bytes)
    declared = next((value for name, value in request.scope["headers"] if name == b"content-type"), JSON)
    if declared != JSON and declared.partition(b";")[0].strip().lower() != JSON:
        raise UnsupportedMediaType(NOT_JSON)
    return body
