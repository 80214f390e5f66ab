"""Encoded responses with the version of the live model, and errors in the dialect of the request's path."""

from typing import Any

import msgspec
from starlette.responses import Response

from function.errors import BadInput, Problem
from function.http.errors import headers_of, status_of
from function.inference.codec import JSON_TYPE
from function.model.loaded import LoadedModel

JSON_HEADER = (b"content-type", JSON_TYPE.encode())


def json_response(content: Any, model: LoadedModel | None) -> Response:
    """Create a response of a JSON document, with the version of the live model."""
    return EncodedResponse(msgspec.json.encode(content), model)


def problem_response(problem: Problem, path: str, model: LoadedModel | None) -> Response:
    """Create the response to an expected failure, in the dialect of the request's path."""
    # Imported here, because it imports all protocols.
    from function.http.dialects import dialect_of

    dialect = dialect_of(path)
    status = dialect.bad_input_status if isinstance(problem, BadInput) else status_of(problem)
    response = EncodedResponse(dialect.protocol.encode_problem(problem), model, status)
    response.headers.update(headers_of(problem))
    return response


class EncodedResponse(Response):
    """A response whose body is already encoded, as JSON unless it names another media type.

    It sets its headers itself: Starlette's own way takes as long as a prediction.
    """

    def __init__(self, body: bytes, model: LoadedModel | None, status: int = 200, media_type: str = JSON_TYPE) -> None:
        """Set the body and the headers; X-Model-Version is the version of `model`."""
        self.status_code, self.body, self.background = status, body, None
        kind = JSON_HEADER if media_type is JSON_TYPE else (b"content-type", media_type.encode())
        self.raw_headers = [(b"content-length", b"%d" % len(body)), kind]
        if model:
            self.raw_headers.append((b"x-model-version", model.version.encode()))
