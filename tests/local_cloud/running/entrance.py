"""The way in to a function."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from tests.local_cloud.policies import Policies
from tests.local_cloud.running.invokers import admitted
from tests.local_cloud.running.passing import pass_on

OPEN = "ALLOW_ALL"


class Entrance:
    """Lets in whom the function's ingress and its policy let in.

    `target` is the port of the revision that serves; `down` is for a test to say that the whole region is.
    """

    def __init__(self, policies: Policies, service: str) -> None:
        """Look the policy of `service` up at each request."""
        self.target = 0
        self.ingress = OPEN
        self.down = False
        self._policies = policies
        self._service = service

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
        if not admitted(self._policies, self._service, request.headers.get("authorization")):
            return JSONResponse({"error": "Your client does not have permission to get this URL."}, 403)
        return await pass_on(request, self.target)
