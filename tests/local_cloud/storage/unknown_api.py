"""Calls that exist at Google but not here."""

from starlette.requests import Request
from starlette.responses import Response

from tests.local_cloud.errors import CloudError


async def unknown(request: Request) -> Response:
    """Name the call that is missing: 501."""
    raise CloudError(501, f"The local cloud does not know {request.method} {request.url.path}")
