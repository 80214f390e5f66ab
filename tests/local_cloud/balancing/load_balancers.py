"""The load balancers' addresses, on ports of this machine."""

from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from tests.local_cloud.balancing.outliers import Outliers
from tests.local_cloud.balancing.routes import function_of, routes_at
from tests.local_cloud.balancing.throttle import Throttle
from tests.local_cloud.compute.catalogue import Catalogue
from tests.local_cloud.faults import Faults
from tests.local_cloud.journal import Journal
from tests.local_cloud.regular.resource import Resource
from tests.local_cloud.running.front import Front
from tests.local_cloud.running.host import Host

SERVER_ERROR = 500


class LoadBalancers:
    """Listens for those who ask at a load balancer's address; without TLS, for no certificate is ever issued here."""

    def __init__(self, host: str, catalogue: Catalogue, functions: Host, calls: Journal, faults: Faults) -> None:
        """Listen on `host`; what answers is looked up in `catalogue` at each request."""
        self._host = host
        self._catalogue = catalogue
        self._functions = functions
        self._calls = calls
        self._faults = faults
        self._throttle = Throttle()
        self._outliers = Outliers()
        self._fronts: dict[tuple[str, int], Front] = {}

    def url(self, address: str, port: int) -> str:
        """Return where on this machine requests to an address and a port are answered."""
        key = (address, port)
        if key not in self._fronts:
            respond = partial(self._respond, address, port)
            self._fronts[key] = Front(self._host, "balanced", respond, self._calls, self._faults)
        return self._fronts[key].url

    def close(self) -> None:
        """Close all ports."""
        for front in self._fronts.values():
            front.stop()

    async def _respond(self, address: str, port: int, request: Request) -> Response:
        routes = routes_at(self._catalogue, address, port)
        if routes is None:
            return PlainTextResponse("Nothing listens at this address", 502)
        if redirect := routes.fields.get("defaultUrlRedirect"):
            return _redirected(request, redirect["redirectResponseCode"])
        return await self._balanced(request, self._catalogue.find(routes.fields["defaultService"]))

    async def _balanced(self, request: Request, service: Resource) -> Response:
        policy = service.fields.get("securityPolicy")
        client = request.client.host if request.client else ""
        if policy and not self._throttle.admits(self._catalogue.find(policy), client):
            return PlainTextResponse("Too Many Requests", 429)
        groups = [backend["group"] for backend in service.fields["backends"]]
        group = self._outliers.chosen(groups)
        entrance = self._functions.entrance(function_of(self._catalogue.find(group)))
        answer = await entrance.inside(request) if entrance else PlainTextResponse("Page not found", 404)
        failed = answer.status_code >= SERVER_ERROR
        self._outliers.note(group, groups, service.fields.get("outlierDetection"), failed=failed)
        return answer


def _redirected(request: Request, code: str) -> Response:
    status = {"MOVED_PERMANENTLY_DEFAULT": 301, "PERMANENT_REDIRECT": 308}[code]
    return RedirectResponse(str(request.url.replace(scheme="https")), status)
