"""What is answered: JSON with the version of the live model, and failures in the dialect of the path."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from msgspec import Struct
from starlette.responses import Response

from function.errors import BadInput, Problem
from function.http.errors import headers_of, status_of
from function.model.loaded import LoadedModel
from function.protocols import bigquery, kserve, open_inference, rows


class Wire(Protocol):
    """A module of `function.protocols`: how its callers read a failure."""

    def encode_problem(self, problem: Problem) -> bytes:
        """Encode an expected failure."""


@dataclass(frozen=True)
class Dialect:
    """A protocol, the type of its errors, and the status that its callers expect for a bad body."""

    name: str
    protocol: Wire
    error: type[Struct]
    bad_input_status: int = 400


ROWS = Dialect("Rows", rows, rows.RowsError, 422)
DIALECTS: Mapping[str, Dialect] = {
    "v1": Dialect("KServe V1", kserve, kserve.KServeError),
    "v2": Dialect("Open Inference Protocol", open_inference, open_inference.OpenInferenceError),
    "bigquery": Dialect("BigQuery", bigquery, bigquery.BigQueryError),
}
"""Dialects by the first part of a path; every other path speaks rows."""


def dialect(path: str) -> Dialect:
    """Return the dialect of a path."""
    return DIALECTS.get(path.strip("/").partition("/")[0], ROWS)


def answer(content: Any, model: LoadedModel | None) -> Response:
    """Answer with a JSON document and the version of the live model."""
    return JSONBytes(msgspec.json.encode(content), model)


def answer_problem(problem: Problem, path: str, model: LoadedModel | None) -> Response:
    """Answer an expected failure as those read it who call that path."""
    spoken = dialect(path)
    status = spoken.bad_input_status if isinstance(problem, BadInput) else status_of(problem)
    response = JSONBytes(spoken.protocol.encode_problem(problem), model, status)
    response.headers.update(headers_of(problem))
    return response


class JSONBytes(Response):
    """JSON that is written already. Its headers are written here: the general way takes as long as predicting."""

    def __init__(self, body: bytes, model: LoadedModel | None, status: int = 200) -> None:
        """`model` is the one whose version goes along."""
        self.status_code, self.body, self.background = status, body, None
        self.raw_headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
        if model:
            self.raw_headers.append((b"x-model-version", model.version.encode()))
