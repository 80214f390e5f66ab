"""The kinds of resources of a load balancer, from the client's side to the function's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.local_cloud.clock import timestamp
from tests.local_cloud.compute.links import link
from tests.local_cloud.project import Project
from tests.local_cloud.regular.collection import etag
from tests.local_cloud.regular.kind import Computed, Kind
from tests.local_cloud.regular.resource import Resource

LABEL_FINGERPRINT = "42WmSpB8rSM="


@dataclass(frozen=True)
class ComputeKind(Kind):
    """A kind of Compute's: `one` is the word for one of them, `setters` are the calls that change a part.

    `defaults` are what Google fills in where nothing was sent.
    """

    one: str = ""
    setters: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)


def _kind(one: str, noun: str, own: Computed, *setters: str, place: str = "global", **defaults: Any) -> ComputeKind:
    def computed(resource: Resource, project: Project) -> dict[str, Any]:
        return {
            **{key: value for key, value in defaults.items() if key not in resource.fields},
            **own(resource, project),
            "kind": f"compute#{one}",
            "id": resource.number,
            "name": resource.id,
            "selfLink": link(resource.name),
            "creationTimestamp": timestamp(resource.created),
        }

    return ComputeKind(
        host="compute",
        version="compute/v1",
        pattern=f"projects/{{project}}/{place}/{noun}",
        id_body="name",
        computed=computed,
        list_key="items",
        one=one,
        setters=setters,
        defaults=defaults,
    )


def _nothing(resource: Resource, project: Project) -> dict[str, Any]:
    return {}


def _fingerprint(resource: Resource, project: Project) -> dict[str, Any]:
    return {"fingerprint": etag(resource)}


def _address(resource: Resource, project: Project) -> dict[str, Any]:
    # Of those that RFC 5737 keeps for documentation.
    address = f"203.0.113.{int(resource.number) % 254 + 1}"
    return {"address": address, "status": "RESERVED", "labelFingerprint": LABEL_FINGERPRINT}


def _rule(resource: Resource, project: Project) -> dict[str, Any]:
    first, _, last = str(resource.fields.get("portRange", "")).partition("-")
    ports = {"portRange": f"{first}-{last or first}"} if first else {}
    return {**ports, "labelFingerprint": LABEL_FINGERPRINT, "fingerprint": etag(resource)}


def _certificate(resource: Resource, project: Project) -> dict[str, Any]:
    managed = resource.fields.get("managed", {})
    # It stays so until the domain's record leads to the load balancer, which here it never does.
    waiting = {"status": "PROVISIONING", "domainStatus": dict.fromkeys(managed.get("domains", []), "PROVISIONING")}
    return {"managed": {**managed, **waiting}}


def _policy(resource: Resource, project: Project) -> dict[str, Any]:
    rules = [{**rule, "kind": "compute#securityPolicyRule"} for rule in resource.fields.get("rules", [])]
    return {"rules": rules, "labelFingerprint": LABEL_FINGERPRINT, "fingerprint": etag(resource)}


def _group(resource: Resource, project: Project) -> dict[str, Any]:
    return {"size": 0, "region": link(f"projects/{project.id}/regions/{resource.params['region']}")}


ADDRESSES = _kind(
    "address", "addresses", _address, "setLabels", addressType="EXTERNAL", ipVersion="IPV4", networkTier="PREMIUM"
)
RULES = _kind(
    "forwardingRule", "forwardingRules", _rule, "setLabels", "setTarget", IPProtocol="TCP", networkTier="PREMIUM"
)
HTTP_PROXIES = _kind("targetHttpProxy", "targetHttpProxies", _fingerprint, "setUrlMap")
HTTPS_PROXIES = _kind(
    "targetHttpsProxy",
    "targetHttpsProxies",
    _fingerprint,
    "setQuicOverride",
    "setSslCertificates",
    "setSslPolicy",
    "setUrlMap",
    quicOverride="NONE",
    tlsEarlyData="DISABLED",
)
CERTIFICATES = _kind("sslCertificate", "sslCertificates", _certificate)
SSL_POLICIES = _kind("sslPolicy", "sslPolicies", _fingerprint, enabledFeatures=["TLS_AES_128_GCM_SHA256"])
URL_MAPS = _kind("urlMap", "urlMaps", _fingerprint)
BACKENDS = _kind(
    "backendService",
    "backendServices",
    _fingerprint,
    "setSecurityPolicy",
    affinityCookieTtlSec=0,
    connectionDraining={"drainingTimeoutSec": 0},
    enableCDN=False,
    port=80,
    portName="http",
    sessionAffinity="NONE",
    timeoutSec=30,
)
POLICIES = _kind("securityPolicy", "securityPolicies", _policy, "setLabels", type="CLOUD_ARMOR")
GROUPS = _kind("networkEndpointGroup", "networkEndpointGroups", _group, place="regions/{region}")

KINDS = (
    ADDRESSES,
    RULES,
    HTTP_PROXIES,
    HTTPS_PROXIES,
    CERTIFICATES,
    SSL_POLICIES,
    URL_MAPS,
    BACKENDS,
    POLICIES,
    GROUPS,
)
