"""Calls about a collection of resources."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.dispatch import Operation
from tests.local_cloud.incoming import json_object, path_name
from tests.local_cloud.regular.collection import Collection
from tests.local_cloud.regular.long_running import EMPTY
from tests.local_cloud.regular.resource import Resource


class CollectionApi:
    """Insert, list, get, change, delete and undelete, as Google's regular APIs have them."""

    def __init__(self, collection: Collection) -> None:
        """Serve a collection."""
        self.collection = collection
        self.kind = collection.kind
        self.common = collection.common

    def operations(self) -> list[Operation]:
        """Return the calls, the particular before the general."""
        path, noun = self.kind.path, self.kind.noun
        item = path + "/{id}"
        return [
            Operation("POST", path, noun, self.insert),
            Operation("GET", path, noun, self.list),
            Operation("POST", item + ":undelete", noun, self.undelete),
            Operation("GET", item, noun, self.get),
            Operation(self.kind.update, item, noun, self.change),
            Operation("DELETE", item, noun, self.delete),
        ]

    async def insert(self, request: Request) -> Response:
        """Make a resource: 200, 400, 404 or 409."""
        body = await json_object(request)
        id = self.new_id(request, body)
        return self.answer(request, self.collection.insert(params(request), id, self.kind.unwrap(body)))

    async def list(self, request: Request) -> Response:
        """Return all resources under a parent."""
        deleted = request.query_params.get("showDeleted") == "true"
        found = self.collection.all(params(request), deleted=deleted)
        key = self.kind.list_key or self.kind.noun
        return JSONResponse({key: [self.collection.shown(each) for each in found]})

    async def get(self, request: Request) -> Response:
        """Return a resource, a deleted one too where Google keeps it."""
        return JSONResponse(self.collection.shown(self.collection.get(self.name(request), deleted=True)))

    async def change(self, request: Request) -> Response:
        """Change some fields of a resource, or all."""
        body = await json_object(request)
        found = self.collection.change(self.name(request), self.kind.unwrap(body), mask(request, body))
        return self.answer(request, found)

    async def delete(self, request: Request) -> Response:
        """Delete a resource: the answer shows it where it is kept, and is empty otherwise."""
        deleted = self.collection.delete(self.name(request))
        return self.answer(request, deleted if self.kind.tombstone else None)

    async def undelete(self, request: Request) -> Response:
        """Bring a deleted resource back where it is kept."""
        return self.answer(request, self.collection.undelete(self.name(request)))

    def new_id(self, request: Request, body: Mapping[str, Any]) -> str | None:
        """Return the id of a resource to make."""
        return self.kind.new_id(request.query_params, body)

    def name(self, request: Request) -> str:
        """Return the name of the resource that a call is about."""
        return self.collection.name(params(request), path_name(request, "id"))

    def answer(self, request: Request, resource: Resource | None) -> Response:
        """Answer with a resource, in an operation that is done if that is how the kind does it."""
        shown = self.collection.shown(resource) if resource else {}
        if not self.kind.operation or (self.kind.patched_at_once and request.method == "PATCH"):
            return JSONResponse(shown)
        location = params(request).get("location", "global")
        name = self.common.long_running.start(self.common.project.id, location)
        message = self.kind.operation if resource else EMPTY
        return JSONResponse(self.common.long_running.succeed(name, message, shown))


def params(request: Request) -> dict[str, str]:
    """Return the names in the path, decoded."""
    return {key: unquote(value) for key, value in request.path_params.items()}


def mask(request: Request, body: Mapping[str, Any]) -> str | None:
    """Return the update mask, which some send in the query and some in the body."""
    return request.query_params.get("updateMask") or body.get("updateMask")
