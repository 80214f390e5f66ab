"""An error as an HTTP answer."""

from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from tests.local_cloud.errors import CloudError


def error_response(error: CloudError, headers: dict[str, str] | None = None) -> Response:
    """Return an error as Google does; 304 has no body."""
    if error.status == HTTPStatus.NOT_MODIFIED:
        return Response(status_code=error.status, headers=headers)
    return JSONResponse(error.resource(), error.status, headers)
