"""What Google refuses of a load balancer over functions, however well-formed."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.local_cloud.compute.kinds import BACKENDS, GROUPS, POLICIES, ComputeKind
from tests.local_cloud.errors import CloudError

EVERYBODY_ELSE = 2147483647
INTERVALS = {10, 30, 60, 120, 180, 240, 300, 600, 900, 1200, 1800, 2700, 3600}
Fields = Mapping[str, Any]


def check(kind: ComputeKind, fields: Fields) -> None:
    """Refuse the fields of a resource that Google would; 400."""
    if kind.noun in CHECKS:
        CHECKS[kind.noun](fields)


def _backends(fields: Fields) -> None:
    # https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts; all backends are serverless here.
    what = "is not supported for a backend service with Serverless network endpoint groups."
    if fields.get("timeoutSec") not in (None, 30):
        raise CloudError(400, f"Timeout sec {what}")
    if fields.get("portName") not in (None, "http"):
        raise CloudError(400, f"Port name {what}")
    if fields.get("healthChecks"):
        raise CloudError(400, f"Health check {what}")
    if any(backend.get("maxUtilization") for backend in fields.get("backends") or []):
        raise CloudError(400, f"Max utilization {what}")


def _policies(fields: Fields) -> None:
    priorities = [rule.get("priority") for rule in fields.get("rules", [])]
    if len(set(priorities)) < len(priorities):
        raise CloudError(400, "Cannot have rules with the same priorities.")
    if EVERYBODY_ELSE not in priorities:
        raise CloudError(400, f"A policy needs a default rule of priority {EVERYBODY_ELSE}.")
    for rule in fields.get("rules", []):
        limit = (rule.get("rateLimitOptions") or {}).get("rateLimitThreshold", {})
        if rule.get("action") == "throttle" and limit.get("intervalSec") not in INTERVALS:
            raise CloudError(400, f"Invalid interval: expected one of {sorted(INTERVALS)} s.")


def _groups(fields: Fields) -> None:
    if fields.get("networkEndpointType") != "SERVERLESS" or not (fields.get("cloudRun") or {}).get("service"):
        raise CloudError(400, "This cloud has endpoint groups of serverless endpoints in Cloud Run alone.")


CHECKS: dict[str, Callable[[Fields], None]] = {
    BACKENDS.noun: _backends,
    POLICIES.noun: _policies,
    GROUPS.noun: _groups,
}
