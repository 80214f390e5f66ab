"""What a strict cloud does with each call: IAM decides it, and Google's documents are held against it."""

from starlette.requests import Request
from starlette.responses import Response

from tests.local_cloud.access.access import Access
from tests.local_cloud.access.needs import Asked, Needs
from tests.local_cloud.discovery.comparison import Difference, Interaction, differences, json_or_none
from tests.local_cloud.discovery.documents import Method
from tests.local_cloud.discovery.methods import api_of, method_of
from tests.local_cloud.errors import CloudError
from tests.local_cloud.storage.multipart import parse_multipart


class Strictness:
    """Refuses callers, and collects differences."""

    def __init__(self, access: Access, needs: Needs) -> None:
        """Decide by `access`."""
        self.access = access
        self.differences: list[Difference] = []
        self._needs = needs

    async def admit(self, request: Request) -> None:
        """Refuse a call whose caller lacks a permission; 501 for one whose permission is not known."""
        if not self.access.strict:
            return
        path = request.scope["path"]
        api, version, at_google = api_of(path)
        method = method_of(request.method, path)
        caches = api == "storage" and path.endswith("/anywhereCaches/")
        if method is None and version != "xml" and not caches:
            raise CloudError(501, f"Google's documents have no method {request.method} {path}")
        names = method.names(at_google) if method else _plain(path)
        body = await _sent(request)
        asked = Asked(
            _id(method, request.method, path),
            api,
            at_google,
            names,
            dict(request.query_params),
            body if isinstance(body, dict) else {},
        )
        caller = self.access.tokens.caller(request.headers.get("authorization"))
        self.access.check(caller, f"{request.method} {path}", self._needs.of(asked))

    async def compare(self, request: Request, response: Response) -> None:
        """Note where a call and its response are not as Google's documents describe them."""
        interaction = Interaction(
            request.method,
            request.scope["path"],
            request.query_params.multi_items(),
            await _sent(request),
            response.status_code,
            json_or_none(bytes(response.body)) if _is_json(response) else None,
        )
        self.differences.extend(differences(interaction))


def _id(method: Method | None, verb: str, path: str) -> str:
    """Return what the table of permissions calls a method; some calls are none of the documents'."""
    if method is None:
        return "storage.anywhereCaches.list" if path.startswith("/storage/") else "storage.xml.get"
    return "storage.upload.resume" if (verb, method.verb) == ("PUT", "POST") else method.id


async def _sent(request: Request) -> object:
    """Return the JSON that a call has sent; of a multipart upload its first part, of other uploads none."""
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("multipart/"):
        try:
            return json_or_none(parse_multipart(await request.body(), content_type)[0].data)
        except CloudError:
            return None
    if request.query_params.get("uploadType") == "media" or "upload_id" in request.query_params:
        return None
    return json_or_none(await request.body())


def _is_json(response: Response) -> bool:
    return response.headers.get("content-type", "").startswith("application/json")


def _plain(path: str) -> dict[str, str]:
    """Return the names in a path of the XML API, or in one with a slash at its end."""
    parts = path.removeprefix("/storage/v1/b").strip("/").split("/")
    return {"bucket": parts[0]}
