"""What is answered: JSON with the version of the live model, and failures in the dialect of the path."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec
from starlette.responses import Response

from function.errors import BadInput, Problem
from function.model.live import LiveModel
from function.protocols import bigquery, kserve, open_inference, rows


class Dialect(Protocol):
    """A module of `function.protocols`, as far as failures go."""

    BAD_INPUT_STATUS: int

    def encode_problem(self, problem: Problem) -> bytes:
        """Write an expected failure as the protocol's callers read it."""


DIALECTS: Mapping[str, Dialect] = {"v1": kserve, "v2": open_inference, "bigquery": bigquery}
"""The protocols that a path's first part speaks; all others speak rows."""


def dialect(path: str) -> Dialect:
    """Return the protocol in which a path's failures are told."""
    return DIALECTS.get(path.strip("/").partition("/")[0], rows)


def answer(content: Any, model: LiveModel | None) -> Response:
    """Answer with a JSON document and the version of the live model."""
    return JSONBytes(msgspec.json.encode(content), model)


def answer_problem(problem: Problem, path: str, model: LiveModel | None) -> Response:
    """Answer an expected failure as those read it who call that path."""
    protocol = dialect(path)
    status = protocol.BAD_INPUT_STATUS if isinstance(problem, BadInput) else problem.status
    response = JSONBytes(protocol.encode_problem(problem), model, status)
    response.headers.update(problem.headers)
    return response


class JSONBytes(Response):
    """JSON that is written already. Its headers are written here: the general way takes as long as predicting."""

    def __init__(self, body: bytes, model: LiveModel | None, status: int = 200) -> None:
        """`model` is the one whose version goes along."""
        self.status_code, self.body, self.background = status, body, None
        self.raw_headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
        if model:
            self.raw_headers.append((b"x-model-version", model.version.encode()))
