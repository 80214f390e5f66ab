"""The way in to a function."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from tests.local_cloud.access.access import Access
from tests.local_cloud.access.needs import Need
from tests.local_cloud.errors import CloudError
from tests.local_cloud.running.passing import pass_on

OPEN = "ALLOW_ALL"


class Entrance:
    """Lets in whom the function's ingress and its policy let in.

    `target` is the port of the revision that serves; `down` is for a test to say that the whole region is.
    """

    def __init__(self, access: Access, service: str) -> None:
        """Ask `access` at each request who may call `service`."""
        self.target = 0
        self.ingress = OPEN
        self.down = False
        self._access = access
        self._need = Need("run.routes.invoke", service)

    async def from_the_internet(self, request: Request) -> Response:
        """Answer who asks at the function's own address."""
        if self.ingress != OPEN:
            # https://cloud.google.com/run/docs/securing/ingress
            return PlainTextResponse("Page not found", 404)
        return await self.inside(request)

    async def inside(self, request: Request) -> Response:
        """Answer who comes by Google's network, as from a load balancer."""
        if self.down:
            return PlainTextResponse("Service Unavailable", 503)
        if not self._admitted(request):
            return JSONResponse({"error": "Your client does not have permission to get this URL."}, 403)
        return await pass_on(request, self.target)

    def _admitted(self, request: Request) -> bool:
        """Tell whether IAM lets a caller in; a token that nobody gave out lets in nobody."""
        try:
            caller = self._access.tokens.caller(request.headers.get("authorization"))
        except CloudError:
            return False
        return self._access.has(caller, f"{request.method} {request.url.path} of the function", self._need)
