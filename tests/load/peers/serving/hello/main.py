"""The least that the functions framework can be asked: the limit of what runs under it."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response


@functions_framework.aio.http
async def hello(request: Request) -> Response:
    """Answer a constant."""
    return Response(b'{"prediction":0}', media_type="application/json")
