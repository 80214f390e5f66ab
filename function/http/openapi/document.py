"""Generate the OpenAPI document; https://spec.openapis.org/oas/v3.1.1.html."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import function
from function.http.dialects import DIALECTS, ROWS, dialect_of
from function.http.openapi import bigquery, mlflow, open_inference, rows, service
from function.http.openapi.json_schema import TEXT, Json, one_of_values, plain
from function.http.openapi.model_schemas import ModelSchemas, target_sentences
from function.http.openapi.operation import Operation
from function.inference.codec import JSON_TYPE
from function.model.loaded import LoadedModel

OPERATIONS = {
    **service.OPERATIONS,
    **rows.OPERATIONS,
    **open_inference.OPERATIONS,
    **bigquery.OPERATIONS,
    **mlflow.OPERATIONS,
}
"""A description of each route, by its method and path; the document omits other routes."""
SERVICE = "Service"
PROBLEMS = {
    400: "The request does not match the protocol or the model; the error says where and what is allowed.",
    404: "The path, model or version does not exist; the error lists what does.",
    406: "The response has no format that the header Accept admits; the error lists what there is.",
    408: "The body did not arrive in time.",
    413: "The body has too many bytes or rows.",
    415: "The Content-Type of the body is not supported, or its Content-Encoding is not gzip.",
    422: "The body does not match the protocol or the model; the error says where and what is allowed.",
    500: "The service failed unexpectedly; its log has the details.",
    503: "No model is live, or too many requests wait; try again after `Retry-After` seconds.",
    504: "The request took longer than it may; send fewer rows.",
}
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "An identity token, if the function is private: `gcloud auth print-identity-token`.",
}
VERSION_HEADER = {
    "X-Model-Version": {"description": "The version of the live model, while one is live.", "schema": TEXT},
    "X-Request-Id": {"description": "The id of the request: the caller's, or that of its trace.", "schema": TEXT},
}
RETRY_HEADER = {
    "Retry-After": {"description": "Seconds to wait before the next try.", "schema": {"type": "integer", "minimum": 0}}
}

Table = Mapping[str, Mapping[str, Any]]


def document(table: Table, model: LoadedModel | None, max_rows: int) -> Json:
    """Generate the document of a table of routes, for the live model, or for any model while none is live."""
    schemas = ModelSchemas(model, max_rows)
    paths = {path: _path(path, handlers, schemas) for path, handlers in table.items()}
    return {
        "openapi": "3.1.1",
        "info": _info(model),
        "servers": [{"url": "."}],
        "security": [{}, {"bearer": []}],
        "tags": [
            {"name": SERVICE},
            *({"name": name} for name in dict.fromkeys(each.name for each in (ROWS, *DIALECTS.values()))),
        ],
        "paths": {path: operations for path, operations in paths.items() if operations},
        "components": {"schemas": schemas.components, "securitySchemes": {"bearer": BEARER}},
    }


def _info(model: LoadedModel | None) -> Json:
    if model is None:
        return {"title": "Taxiway", "version": function.__version__, "description": "No model is live."}
    manifest = model.manifest
    live = f"The live model is {plain(manifest.name)}, version {model.version}."
    return {
        "title": manifest.title or manifest.name,
        "version": f"{function.__version__}+{model.version}",
        "description": " ".join([*target_sentences(manifest), live]),
    }


def _path(path: str, handlers: Mapping[str, Any], schemas: ModelSchemas) -> Json:
    known = {method: f"{method} {path}" for method in handlers if f"{method} {path}" in OPERATIONS}
    return {
        method.lower(): _operation(path, key, handlers[method], OPERATIONS[key](schemas), schemas)
        for method, key in known.items()
    }


def _operation(path: str, key: str, handler: Any, operation: Operation, schemas: ModelSchemas) -> Json:
    dialect = dialect_of(path)
    error = schemas.add(dialect.error)
    parameters = [_parameter(each, schemas.model) for each in re.findall(r"\{(\w+)\}", path)] + [*operation.query]
    parameters += [{"name": name, "in": "header", **header} for name, header in operation.headers.items()]
    headers = {**VERSION_HEADER, **operation.headers}
    success = {"description": "The response.", "headers": headers, "content": _content(operation)}
    problems = {str(status): _problem(status, error) for status in _statuses(path, operation)}
    return {
        "tags": [SERVICE if key in service.OPERATIONS else dialect.name],
        "summary": (handler.__doc__ or "").strip(),
        "operationId": re.sub(r"\W+", "_", key.lower()).strip("_") + ("_" if key.endswith("/") else ""),
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": _body(operation)} if operation.body else {}),
        "responses": {"200": success, **problems},
    }


def _content(operation: Operation) -> Json:
    texts = {media: {"schema": operation.response if media == JSON_TYPE else TEXT} for media in operation.media_types}
    return {**texts, **_contents(operation)}


def _contents(operation: Operation) -> Json:
    return {media: {"schema": schema} for media, schema in operation.contents.items()}


def _body(operation: Operation) -> Json:
    examples = {name: {"value": value} for name, value in operation.examples.items()}
    content = {"schema": operation.body, **({"examples": examples} if examples else {})}
    return {"required": True, "content": {JSON_TYPE: content, **operation.other_bodies, **_contents(operation)}}


def _statuses(path: str, operation: Operation) -> Iterable[int]:
    bad_body = [dialect_of(path).bad_input_status, 408, 413, 415] if operation.body else []
    bad_body += [406] if operation.other_bodies else []
    not_found = [404] if "{" in path or path in {"/report", "/metrics", "/ping"} else []
    return sorted({*bad_body, *not_found, 500, *([503] if operation.needs_model else []), 504})


def _problem(status: int, error: Json) -> Json:
    headers = RETRY_HEADER if status == 503 else {}  # noqa: PLR2004
    return {"description": PROBLEMS[status], "headers": headers, "content": {JSON_TYPE: {"schema": error}}}


def _parameter(name: str, model: LoadedModel | None) -> Json:
    """Describe a path parameter, which is the name of the live model or its version."""
    values = {"model": model.manifest.name, "version": model.version} if model else {}
    schema = one_of_values([values[name]]) if name in values else TEXT
    return {"name": name, "in": "path", "required": True, "schema": schema}
