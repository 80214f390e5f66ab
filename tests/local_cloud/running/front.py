"""An address on this machine that stays while what is behind it comes and goes."""

from starlette.routing import Router
from starlette.types import Scope

from tests.local_cloud.dispatch import Dispatcher, Handler, Operation
from tests.local_cloud.faults import Faults
from tests.local_cloud.journal import Journal
from tests.local_cloud.running.passing import with_client
from tests.local_cloud.serving import ServerThread


class Front:
    """A port of its own, whose requests are noted and spoilt as the cloud's own calls are."""

    def __init__(self, host: str, kind: str, respond: Handler, calls: Journal, faults: Faults) -> None:
        """Serve at once; `kind` is what the journal calls a request."""
        routes = Dispatcher(calls, faults, self._hang_up).routes([Operation(None, "/{path:path}", kind, respond)])
        router = Router(routes, redirect_slashes=False, lifespan=with_client)
        self._server = ServerThread(router, host, 0, lifespan="on")
        self._server.start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return self._server.url

    def stop(self) -> None:
        """Close the port."""
        self._server.stop()

    def _hang_up(self, scope: Scope) -> None:
        self._server.hang_up(scope)
