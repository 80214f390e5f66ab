"""What a request says: names in its path, numbers in its query, JSON in its body."""

from typing import Any
from urllib.parse import unquote

from starlette.requests import Request

from tests.local_cloud.discovery.canonical import canonical
from tests.local_cloud.parsing import parse_number, parse_object

CALL = "local_cloud.call"


def path_name(request: Request, parameter: str) -> str:
    """Return a name from the path, decoded; empty when the path has none."""
    return unquote(request.path_params.get(parameter, ""))


def query_number(request: Request, parameter: str) -> int | None:
    """Return a number from the query, None when absent; 400 when it is not a number."""
    return parse_number(parameter, request.query_params.get(parameter))


async def json_object(request: Request) -> dict[str, Any]:
    """Return the body, a JSON object as Google would write it; no body is an empty object; 400 for anything else."""
    body = parse_object(await request.body())
    merges = request.method == "PATCH" and "updateMask" not in request.query_params
    return canonical(request.method, request.scope["path"], body, merges=merges)


def root(request: Request) -> str:
    """Return the address of the cloud as the caller wrote it, for links."""
    return str(request.base_url).rstrip("/")


def note(request: Request, *, bucket: str | None = None, object_name: str | None = None) -> None:
    """Complete the journal's entry with names that are not in the path but in the body."""
    call = request.scope[CALL]
    call.bucket = bucket or call.bucket
    call.object_name = object_name or call.object_name
