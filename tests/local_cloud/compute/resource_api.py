"""Calls about Compute's resources, each of which answers with an operation."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.compute.catalogue import Catalogue
from tests.local_cloud.compute.kinds import ComputeKind
from tests.local_cloud.compute.links import linked
from tests.local_cloud.compute.operations_api import Operations
from tests.local_cloud.compute.problems import Changed
from tests.local_cloud.compute.rules import check
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.incoming import json_object
from tests.local_cloud.merge_patch import merge_patch
from tests.local_cloud.regular.collection import etag
from tests.local_cloud.regular.collection_api import CollectionApi, params
from tests.local_cloud.regular.resource import Resource

FINGERPRINTS = {"fingerprint", "labelFingerprint"}


class ResourceApi(CollectionApi):
    """One kind of resource."""

    def __init__(self, kind: ComputeKind, catalogue: Catalogue, done: Operations) -> None:
        """Serve the resources of a kind; `done` has what was done."""
        super().__init__(catalogue.of(kind))
        self.compute_kind = kind
        self._catalogue = catalogue
        self._done = done

    def operations(self) -> list[Operation]:
        """Return the calls; what changes a part is called without `global`, too."""
        path, noun = self.kind.path, self.kind.noun
        item = path + "/{id}"
        items = {item, item.replace("/global/", "/")}
        return [
            *[
                Operation("POST", f"{each}/{word}", noun, self.set)
                for each in items
                for word in self.compute_kind.setters
            ],
            Operation("POST", path, noun, self.insert),
            Operation("GET", path, noun, self.list),
            Operation("GET", item, noun, self.get),
            Operation("PATCH", item, noun, self.patch),
            Operation("PUT", item, noun, self.put),
            Operation("DELETE", item, noun, self.delete),
        ]

    async def insert(self, request: Request) -> Response:
        """Make a resource: 400, 404 or 409 when it can't be."""
        body = await json_object(request)
        id, fields = self.new_id(request, body), self._checked(body)
        return self._answer("insert", self.collection.insert(params(request), id, fields))

    async def get(self, request: Request) -> Response:
        """Return a resource."""
        return JSONResponse(self._catalogue.shown(self.compute_kind, self.found(request)))

    async def patch(self, request: Request) -> Response:
        """Change the fields that were sent."""
        found, body = self.found(request), await json_object(request)
        return self._change("patch", found, body, merge_patch(found.fields, body))

    async def put(self, request: Request) -> Response:
        """Replace all fields."""
        found, body = self.found(request), await json_object(request)
        return self._change("update", found, body, body)

    async def set(self, request: Request) -> Response:
        """Replace one field, after which the call is named."""
        found, body = self.found(request), await json_object(request)
        return self._change(request.url.path.rsplit("/", 1)[-1], found, body, {**found.fields, **body})

    async def delete(self, request: Request) -> Response:
        """Delete a resource; 400 when another one refers to it."""
        found = self.found(request)
        self._catalogue.check_unused(found, self.compute_kind.one)
        return self._answer("delete", self.collection.delete(found.name))

    def change_fields(self, type: str, resource: Resource, fields: Mapping[str, Any]) -> Response:
        """Give a resource other fields, if they can be."""
        resource.fields = self._checked(fields)
        self.collection.touch(resource)
        return self._answer(type, resource)

    def found(self, request: Request) -> Resource:
        """Return the resource that a call is about; 404."""
        return self.collection.get(self.name(request))

    def _checked(self, body: Mapping[str, Any]) -> dict[str, Any]:
        fields = {key: linked(value) for key, value in body.items() if key not in FINGERPRINTS}
        self._catalogue.check_links(fields)
        check(self.compute_kind, fields)
        return fields

    def _change(self, type: str, found: Resource, body: Mapping[str, Any], fields: Mapping[str, Any]) -> Response:
        if body.get("fingerprint", "") not in ("", etag(found)):
            raise Changed
        return self.change_fields(type, found, fields)

    def _answer(self, type: str, resource: Resource) -> Response:
        return JSONResponse(self._done.add(type, resource))
