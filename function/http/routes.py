"""All routes of the service as one table, and their handlers."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

import function
from function.errors import NotFound, Unavailable
from function.http import descriptions, metrics
from function.http.bodies import RequestBody, inflate
from function.http.descriptions import Discovery, RouteDescription
from function.http.documents import Documents
from function.http.errors import UnsupportedMediaType
from function.http.formats import families
from function.http.formats.negotiation import Family, Sent, codec_of
from function.http.metrics import Metrics
from function.http.pages import responses
from function.http.responses import EncodedResponse, json_response
from function.inference.inference import Inference
from function.live.store import ModelStore
from function.model.bundle import REPORT
from function.model.loaded import LoadedModel
from function.protocols import kserve
from function.protocols.open_inference import metadata

NAMES = "taxiway.names"
"""The key, in the scope of a request, of the names in its path: of a model, a version or a file."""
CONTENT_ENCODING = b"content-encoding"
UNKNOWN_VALUES = "X-Unknown-Values"
"""The response header with the number of categories in the request that the model does not know."""
NOT_GZIP = "The Content-Encoding of the body is not supported. Send it as it is, or with Content-Encoding: gzip."


class Service(Struct, frozen=True):
    """What the handlers need."""

    store: ModelStore
    inference: Inference
    max_body_bytes: int
    metrics: Metrics | None = None
    documents: Documents = msgspec.field(default_factory=Documents)


Handler = Callable[[Service, Request, RequestBody], Awaitable[Response]]
"""The first line of a handler's docstring describes its route: in `GET /` and in the OpenAPI document."""


async def discover(service: Service, request: Request, body: RequestBody) -> Response:
    """List the routes of the service; a browser gets a page for trying the model."""
    headers = request.headers
    if responses.prefers_html(headers.get("accept", "")):
        response = responses.file_response("index.html", headers.get("if-none-match", ""))
    else:
        response = json_response(Discovery("Taxiway", "alive", _routes()), service.store.live)
    response.headers["Vary"] = "Accept"
    return response


def _routes() -> list[RouteDescription]:
    return [
        RouteDescription(path, method, (handler.__doc__ or "").strip())
        for path, handlers in TABLE.items()
        for method, handler in handlers.items()
    ]


async def send_docs(service: Service, request: Request, body: RequestBody) -> Response:
    """Show the OpenAPI document as a page, on which requests can be tried."""
    if request.scope["path"].endswith("/"):  # The page's own addresses are relative.
        return Response(status_code=308, headers={"Location": "../docs"})
    return responses.file_response("docs.html", request.headers.get("if-none-match", ""))


async def send_asset(service: Service, request: Request, body: RequestBody) -> Response:
    """Return a file that a page loads."""
    name = "/".join(request.scope[NAMES].values())
    if name not in responses.assets():
        raise NotFound(f"This file does not exist. The files are {', '.join(sorted(responses.assets()))}.")
    return responses.file_response(name, request.headers.get("if-none-match", ""))


async def send_report(service: Service, request: Request, body: RequestBody) -> Response:
    """Return the evaluation report of the live model as an HTML page, if its bundle has one."""
    model = await service.store.get()
    if model.report is None:
        raise NotFound("The live model has no report. Publish a bundle that has one.")
    sha256 = model.manifest.members[REPORT].sha256
    response = responses.report_response(model.report, sha256, request.headers.get("if-none-match", ""))
    response.headers["X-Model-Version"] = model.version
    return response


async def health(service: Service, request: Request, body: RequestBody) -> Response:
    """Report that the process is alive, and which model is live; never reads the bucket.

    With `?probe` the status is 204. Cloud Monitoring knows requests by their status alone, and probes must not count
    as requests of callers that were answered well.
    """
    if "probe" in request.query_params:
        return Response(status_code=204)
    return json_response(descriptions.describe_health(service.store.live), service.store.live)


async def describe_model(service: Service, request: Request, body: RequestBody) -> Response:
    """Describe the live model (identity, features, metrics), and why a newer file is not served."""
    try:
        await service.store.get()
    except Unavailable as problem:
        return json_response(descriptions.describe_model(service.store.state, str(problem)), None)
    state = service.store.state
    return EncodedResponse(service.documents.model(state), state.live)


async def describe_api(service: Service, request: Request, body: RequestBody) -> Response:
    """Return the OpenAPI document, generated for the live model."""
    with suppress(Unavailable):  # The document then admits any rows.
        await service.store.get()
    live = service.store.live
    return EncodedResponse(service.documents.api(TABLE, live, service.inference.max_rows), live)


async def send_metrics(service: Service, request: Request, body: RequestBody) -> Response:
    """Show counters and times of this process in Prometheus' text format, if the setting METRICS is true."""
    if service.metrics is None:
        raise NotFound("Metrics are off. Set METRICS=true to count requests and times.")
    return Response(service.metrics.text(service.store.state), headers={"Content-Type": metrics.MEDIA_TYPE})


async def predict_rows(service: Service, request: Request, body: RequestBody) -> Response:
    """Predict from `test_array` (one encoded vector) or `instances` (rows of named features)."""
    return await _predict(families.ROWS, service, request, body)


async def predict_instances(service: Service, request: Request, body: RequestBody) -> Response:
    """Predict from `instances`, rows of named features (KServe V1)."""
    return await _predict(families.INSTANCES, service, request, body)


async def invoke(service: Service, request: Request, body: RequestBody) -> Response:
    """Predict from a table of named features (MLflow, SageMaker)."""
    return await _predict(families.INVOCATIONS, service, request, body)


async def ping(service: Service, request: Request, body: RequestBody) -> Response:
    """Report that a model is live; 404 while none is (MLflow, SageMaker)."""
    try:
        model = await service.store.get()
    except Unavailable as problem:
        raise NotFound(str(problem)) from None
    return EncodedResponse(b"\n", model, media_type="text/plain")


async def send_version(service: Service, request: Request, body: RequestBody) -> Response:
    """Return the version of the service as text (MLflow)."""
    return EncodedResponse(function.__version__.encode(), service.store.live, media_type="text/plain")


async def predict_tensors(service: Service, request: Request, body: RequestBody) -> Response:
    """Predict from named tensors, in JSON or binary (Open Inference Protocol)."""
    return await _predict(families.TENSORS, service, request, body)


async def predict_calls(service: Service, request: Request, body: RequestBody) -> Response:
    """Predict for a BigQuery remote function: one reply for each call."""
    return await _predict(families.CALLS, service, request, body)


def static_handler(describe: Callable[[], Struct]) -> Handler:
    """Create a handler whose response needs no model."""

    async def handle(service: Service, request: Request, body: RequestBody) -> Response:
        return json_response(describe(), service.store.live)

    handle.__doc__ = describe.__doc__
    return handle


def model_handler(describe: Callable[[LoadedModel], Struct]) -> Handler:
    """Create a handler whose response describes the live model; 503 while there is none."""

    async def handle(service: Service, request: Request, body: RequestBody) -> Response:
        model = await _named(service, request)
        return json_response(describe(model), model)

    handle.__doc__ = describe.__doc__
    return handle


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
    "/metrics": {"GET": send_metrics},
    "/report": {"GET": send_report},
    "/assets/{name}": {"GET": send_asset},
    "/assets/{folder}/{name}": {"GET": send_asset},
    "/v1/models": {"GET": model_handler(kserve.list_models)},
    "/v1/models/{model}:predict": {"POST": predict_instances},
    "/v1/models/{model}": {"GET": model_handler(kserve.describe_readiness)},
    "/v2": {"GET": static_handler(metadata.describe_server)},
    "/v2/": {"GET": static_handler(metadata.describe_server)},
    "/v2/health/live": {"GET": static_handler(metadata.describe_liveness)},
    "/v2/health/ready": {"GET": model_handler(metadata.describe_server_readiness)},
    MODEL: {"GET": model_handler(metadata.describe_model)},
    f"{MODEL}/ready": {"GET": model_handler(metadata.describe_readiness)},
    f"{MODEL}/infer": {"POST": predict_tensors},
    VERSION: {"GET": model_handler(metadata.describe_model)},
    f"{VERSION}/ready": {"GET": model_handler(metadata.describe_readiness)},
    f"{VERSION}/infer": {"POST": predict_tensors},
    "/bigquery": {"POST": predict_calls},
    "/invocations": {"POST": invoke},
    "/ping": {"GET": ping},
    "/version": {"GET": send_version},
}


async def _predict(family: Family, service: Service, request: Request, body: RequestBody) -> Response:
    content = await body.read(service.max_body_bytes)
    sent = Sent(body.headers, request.scope.get("query_string", b""), service.inference.max_rows)
    codec = codec_of(family, sent)
    if CONTENT_ENCODING in body.headers:
        content = await _inflated(service, content, body.headers[CONTENT_ENCODING])
    model = await _named(service, request)
    answer = await service.inference.predict(codec, content, model)
    response = EncodedResponse(answer.body, model, media_type=answer.media_type)
    if answer.headers:
        response.headers.update(answer.headers)
    if answer.unknown_values:
        response.headers[UNKNOWN_VALUES] = str(answer.unknown_values)
    return response


async def _named(service: Service, request: Request) -> LoadedModel:
    """Return the live model, if the path names no other model or version."""
    model = await service.store.get()
    if names := request.scope.get(NAMES):
        if names.get("model", model.manifest.name) != model.manifest.name:
            raise NotFound(f"This model does not exist. The live model is {model.manifest.name}.")
        if names.get("version", model.version) != model.version:
            raise NotFound(f"This version is not live. The live version of {model.manifest.name} is {model.version}.")
    return model


async def _inflated(service: Service, content: bytes, encoding: bytes) -> bytes:
    if encoding.lower() in {b"", b"identity"}:
        return content
    if encoding.lower() not in {b"gzip", b"x-gzip"}:
        raise UnsupportedMediaType(NOT_GZIP)
    return await service.inference.in_pool(inflate, content, service.max_body_bytes)
