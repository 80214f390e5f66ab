"""The server: the cloud behind an address of this machine."""

from types import TracebackType
from typing import Self

from starlette.types import Receive, Scope, Send

from tests.local_cloud import environment
from tests.local_cloud.access.access import Access
from tests.local_cloud.access.needs import Needs
from tests.local_cloud.application import application
from tests.local_cloud.balancing.load_balancers import LoadBalancers
from tests.local_cloud.common import Common
from tests.local_cloud.compute.catalogue import Catalogue
from tests.local_cloud.dispatch import Dispatcher
from tests.local_cloud.environment import OWNER
from tests.local_cloud.faults import Faults
from tests.local_cloud.journal import Journal
from tests.local_cloud.no_proxy import refusing_connect
from tests.local_cloud.policies import Policies
from tests.local_cloud.project import Project
from tests.local_cloud.running.host import Host
from tests.local_cloud.serving import ServerThread
from tests.local_cloud.storage import Storage
from tests.local_cloud.storage.bucket_policy_api import full_name as bucket_name
from tests.local_cloud.strictness import Strictness


class LocalCloud:
    """A Google cloud on this machine, in memory, for as long as a `with` block lasts.

    `calls` remembers what was asked, `faults` makes it go wrong, `storage` holds the buckets,
    `functions` runs the functions, `load_balancers` leads to them, `project` is what everything belongs to.
    After `stop` it cannot be started again. A `documented` cloud collects in `differences` where
    calls and responses are not as Google documents them. A `strict` one does too, and lets callers
    do only what IAM policies say, of which at first there is one, of the project's owner; `access`
    has its decisions.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        project: str = "rehearsal",
        *,
        documented: bool = False,
        strict: bool = False,
    ) -> None:
        """Bind the address at once, so that nobody else gets it; port 0 is any free one."""
        self.calls = Journal()
        self.faults = Faults()
        self.storage = Storage()
        self.project = Project(project)
        self._common = Common(self.project)
        self._server = ServerThread(self._serve, host, port, refusing_connect(self.calls))
        self.url = self._server.url
        self.access = Access(self.policies, self.project, self._common.tokens, strict=strict)
        strictness = Strictness(self.access, Needs(self.storage, self.project)) if strict or documented else None
        self.differences = strictness.differences if strictness else []
        if strict:
            owner = {"role": "roles/owner", "members": [f"user:{OWNER}"]}
            self.policies.replace(self.project.full_name, {"bindings": [owner]})
        self.functions = Host(host, self.url, self.storage, self.access, self.calls, self.faults)
        dispatcher = Dispatcher(self.calls, self.faults, self._server.hang_up, strictness)
        catalogue = Catalogue(self._common)
        self.load_balancers = LoadBalancers(host, catalogue, self.functions, self.calls, self.faults)
        self._app = application(dispatcher, self._common, self.storage, self.functions, catalogue)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Functions need the address, which the server has before it needs the application.
        await self._app(scope, receive, send)

    @property
    def policies(self) -> Policies:
        """All IAM policies."""
        return self._common.policies

    def existing(self) -> list[str]:
        """Return the full names of all resources; services, which are enabled rather than made, are none."""
        buckets = [bucket_name(bucket.name) for bucket in self.storage.buckets.all()]
        return sorted([*buckets, *[name for each in self._common.collections for name in each.existing()]])

    def environment(self, caller: str = "") -> dict[str, str]:
        """Return the environment variables that point Google's clients here, as an account if one is given."""
        return environment.for_clients(self.url, caller)

    def terraform_environment(self, token: str = OWNER) -> dict[str, str]:
        """Return the environment variables that point Terraform's process here, and no other's."""
        return environment.for_terraform(self.url, token)

    def run(self) -> None:
        """Serve in this thread until `stop`, or until a signal in the main thread."""
        try:
            self._server.run()
        finally:
            self.load_balancers.close()
            self.functions.close()

    def start(self) -> None:
        """Serve in a thread of its own; return once it answers."""
        self._server.start()

    def stop(self) -> None:
        """End all functions, close all connections, and wait for the thread's end."""
        self.load_balancers.close()
        self.functions.close()
        self._server.stop()
        self.functions.close()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()
