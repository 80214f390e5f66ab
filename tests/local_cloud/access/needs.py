"""What a call needs: permissions on resources, by its method and by what it sends."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tests.local_cloud.access.permissions import PERMISSIONS
from tests.local_cloud.compute.links import ROOT, linked, links
from tests.local_cloud.errors import CloudError
from tests.local_cloud.project import Project
from tests.local_cloud.storage.bucket_policy_api import BUCKETS
from tests.local_cloud.storage.storage import Storage

_NOUNS = {"addresses": "globalAddresses", "networkEndpointGroups": "regionNetworkEndpointGroups"}
_VERSION = re.compile(r"/(?:v\d+|compute/v1|bigquery/v2)/")


@dataclass(frozen=True)
class Need:
    """A permission on a resource, which has its full name."""

    permission: str
    resource: str


@dataclass(frozen=True)
class Asked:
    """A call: the method's id, the API and path at Google, its names, query and body (a JSON object, or empty)."""

    method: str
    api: str
    path: str
    names: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]


class Needs:
    """Knows the objects that a call would replace; projects are called by their id."""

    def __init__(self, storage: Storage, project: Project) -> None:
        """Look objects up in `storage`."""
        self._storage = storage
        self._project = project
        self._more: dict[str, Callable[[Asked], Iterator[Need]]] = {
            "storage.objects.insert": self._replaced,
            "storage.objects.copy": self._copied,
            "storage.objects.rewrite": self._copied,
            "cloudfunctions.projects.locations.functions.create": self._accounts,
            "cloudfunctions.projects.locations.functions.patch": self._accounts,
            "bigquery.routines.insert": self._connection,
            "bigquery.routines.update": self._connection,
        }

    def of(self, asked: Asked) -> list[Need]:
        """Return what a call needs."""
        if asked.method not in PERMISSIONS:
            raise CloudError(501, f"The local cloud does not know which permission {asked.method} needs.")
        own = [Need(permission, self.resource(asked)) for permission in PERMISSIONS[asked.method]]
        more = self._linked if asked.api == "compute" and asked.body else self._more.get(asked.method)
        return [*own, *(more(asked) if more else [])]

    def resource(self, asked: Asked) -> str:
        """Return the full name of what a call is about, or of the collection that it is about."""
        if asked.api == "storage":
            bucket = asked.names.get("destinationBucket") or asked.names.get("bucket")
            return f"{BUCKETS}/{unquote(bucket)}" if bucket else self._named("projects/-", "storage")
        name = _VERSION.split(asked.path, maxsplit=1)[-1]
        # Tokens are of service accounts, which are IAM's.
        api = "iam" if asked.api == "iamcredentials" else asked.api
        return self._named(unquote(re.sub(r":\w+$", "", name)), api)

    def _named(self, name: str, api: str) -> str:
        name = re.sub(rf"^projects/(-|{self._project.number})(?=/|$)", f"projects/{self._project.id}", name)
        return f"//{api}.googleapis.com/{name}"

    def _replaced(self, asked: Asked) -> Iterator[Need]:
        # https://cloud.google.com/storage/docs/access-control/iam-json: to overwrite is to delete.
        bucket, name = unquote(asked.names["bucket"]), asked.query.get("name") or str(asked.body.get("name", ""))
        yield from self._overwritten(bucket, name)

    def _copied(self, asked: Asked) -> Iterator[Need]:
        yield Need("storage.objects.get", f"{BUCKETS}/{unquote(asked.names['sourceBucket'])}")
        yield from self._overwritten(
            unquote(asked.names["destinationBucket"]), unquote(asked.names["destinationObject"])
        )

    def _overwritten(self, bucket: str, name: str) -> Iterator[Need]:
        try:
            self._storage.buckets.get(bucket).objects.get(name)
        except CloudError:
            return
        yield Need("storage.objects.delete", f"{BUCKETS}/{bucket}")

    def _accounts(self, asked: Asked) -> Iterator[Need]:
        # https://cloud.google.com/functions/docs/reference/iam/roles#additional-configuration
        runs_as = asked.body.get("serviceConfig", {}).get("serviceAccountEmail")
        built_as = asked.body.get("buildConfig", {}).get("serviceAccount", "").rpartition("/")[2]
        for email in filter(None, (runs_as, built_as)):
            yield Need("iam.serviceAccounts.actAs", self._named(f"projects/-/serviceAccounts/{email}", "iam"))

    def _connection(self, asked: Asked) -> Iterator[Need]:
        # https://cloud.google.com/bigquery/docs/remote-functions#grant_permission_on_function
        if name := asked.body.get("remoteFunctionOptions", {}).get("connection"):
            yield Need("bigquery.connections.delegate", self._named(name, "bigqueryconnection"))

    def _linked(self, asked: Asked) -> Iterator[Need]:
        """Yield what using other resources needs: certificates are read, everything else is used."""
        for link in dict.fromkeys(links(linked(asked.body))):
            noun = _NOUNS.get(link.split("/")[-2], link.split("/")[-2])
            verb = "get" if noun == "sslCertificates" else "use"
            yield Need(f"compute.{noun}.{verb}", self._named(link.removeprefix(ROOT), "compute"))
