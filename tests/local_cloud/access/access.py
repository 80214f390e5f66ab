"""Decides each call by the policies, and remembers by which grants."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.local_cloud.access.callers import ANONYMOUS, Caller, Tokens
from tests.local_cloud.access.grants import Grant, Grants, Way
from tests.local_cloud.access.needs import Need
from tests.local_cloud.errors import CloudError, CodedError
from tests.local_cloud.policies import Policies
from tests.local_cloud.project import Project


@dataclass(frozen=True)
class Decision:
    """A permission that a caller asked for, during a step of whoever tries things out; no way in is a refusal."""

    step: str
    caller: str
    call: str
    need: Need
    ways: tuple[Way, ...]

    @property
    def depends_on(self) -> frozenset[Grant]:
        """The grants without any one of which the caller would have been refused."""
        return frozenset.intersection(*self.ways) if self.ways else frozenset()


class Access:
    """Who may do what. `step` is noted with each decision.

    Where it is not `strict` it decides who may call a function, and nothing else, and remembers nothing.
    """

    def __init__(self, policies: Policies, project: Project, tokens: Tokens, *, strict: bool) -> None:
        """Decide by `policies`."""
        self.project = project
        self.strict = strict
        self.tokens = tokens
        self.grants = Grants(policies, project)
        self.decisions: list[Decision] = []
        self.step = ""

    @contextmanager
    def deprived_of(self, role: str, member: str = "") -> Iterator[None]:
        """Count a role as never granted for a while, or not to a member; do not remember what is decided meanwhile."""
        remembered, without = list(self.decisions), self.grants.without
        self.grants.without = lambda grant: without(grant) or (grant.role == role and member in ("", grant.member))
        try:
            yield
        finally:
            self.decisions, self.grants.without = remembered, without

    def check(self, caller: Caller, call: str, needs: Sequence[Need]) -> None:
        """Refuse a caller who lacks a permission: 403, or 401 to one without a token."""
        for need in needs:
            if not self.has(caller, call, need):
                raise denied(caller, need)

    def has(self, caller: Caller, call: str, need: Need) -> bool:
        """Tell whether a caller has a permission, and note it."""
        ways = tuple(self.grants.ways(caller, need.permission, need.resource))
        if self.strict:
            self.decisions.append(Decision(self.step, caller.name, call, need, ways))
        return bool(ways)


class Denied(CodedError):
    """A refusal as Google's APIs word it, with the permission in its details."""

    def __init__(self, status: int, need: Need) -> None:
        """Name the permission and the resource."""
        super().__init__(
            status, f"Permission '{need.permission}' denied on resource '{need.resource}' (or it may not exist)."
        )
        self._need = need

    def resource(self) -> dict[str, object]:
        """Return the error as the JSON that Google answers."""
        resource = super().resource()
        resource["error"]["details"] = [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "IAM_PERMISSION_DENIED",
                "domain": "iam.googleapis.com",
                "metadata": {"permission": self._need.permission, "resource": self._need.resource.split("/", 3)[3]},
            }
        ]
        return resource


def denied(caller: Caller, need: Need) -> CloudError:
    """Return a refusal in the words of the API: Cloud Storage and Compute have their own."""
    status = 401 if caller is ANONYMOUS else 403
    if need.permission.startswith("storage."):
        what = "bucket" if need.permission.startswith("storage.buckets.") else "object"
        return CloudError(
            status,
            f"{caller.name} does not have {need.permission} access to the Google Cloud Storage {what}. "
            f"Permission '{need.permission}' denied on resource (or it may not exist).",
        )
    if need.permission.startswith("compute."):
        return CloudError(status, f"Required '{need.permission}' permission for '{need.resource.split('/', 3)[3]}'")
    return Denied(status, need)
