"""Calls about objects that exist: reading, listing, changing and deleting them."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.incoming import json_object, path_name, query_number, root
from tests.local_cloud.storage.buckets import Bucket
from tests.local_cloud.storage.listing import PAGE_SIZE, Page, Query, list_page
from tests.local_cloud.storage.media import media_response
from tests.local_cloud.storage.objects import Object
from tests.local_cloud.storage.preconditions import Preconditions
from tests.local_cloud.storage.resources import object_resource, writable
from tests.local_cloud.storage.storage import Storage


class ObjectApi:
    """Get, download, list, patch, update and delete of objects."""

    def __init__(self, storage: Storage) -> None:
        """Serve the objects of `storage`."""
        self._buckets = storage.buckets

    async def list(self, request: Request) -> Response:
        """Return a page of the objects of a bucket."""
        # Python's client writes True.
        versions = request.query_params.get("versions", "").lower() == "true"
        objects = self._bucket(request).objects.all(versions=versions)
        return JSONResponse(_page_resource(list_page(objects, _query(request)), root(request)))

    async def get(self, request: Request) -> Response:
        """Return an object's resource, or its bytes with `alt=media`."""
        if request.query_params.get("alt") == "media":
            return await self.download(request)
        return JSONResponse(object_resource(self._object(request), root(request)))

    async def download(self, request: Request) -> Response:
        """Return an object's bytes."""
        return media_response(self._object(request), request.headers.get("range"))

    async def patch(self, request: Request) -> Response:
        """Change some fields of an object."""
        changes = writable(await json_object(request))
        changed = self._bucket(request).objects.change(*_version(request), changes, _conditions(request))
        return JSONResponse(object_resource(changed, root(request)))

    async def update(self, request: Request) -> Response:
        """Replace all fields of an object."""
        fields = writable(await json_object(request))
        changed = self._bucket(request).objects.replace(*_version(request), fields, _conditions(request))
        return JSONResponse(object_resource(changed, root(request)))

    async def delete(self, request: Request) -> Response:
        """Delete an object, or one generation of it for good."""
        bucket = self._bucket(request)
        bucket.objects.delete(*_version(request), _conditions(request), archive=bucket.versioned)
        return Response(status_code=204)

    def _bucket(self, request: Request) -> Bucket:
        return self._buckets.get(path_name(request, "bucket"))

    def _object(self, request: Request) -> Object:
        return self._bucket(request).objects.get(*_version(request), _conditions(request))


def _version(request: Request) -> tuple[str, int | None]:
    return path_name(request, "object"), query_number(request, "generation")


def _conditions(request: Request) -> Preconditions:
    return Preconditions.parse(request.query_params)


def _query(request: Request) -> Query:
    query, size = request.query_params, query_number(request, "maxResults")
    return Query(
        prefix=query.get("prefix", ""),
        delimiter=query.get("delimiter", ""),
        size=min(size or PAGE_SIZE, PAGE_SIZE),
        page_token=query.get("pageToken", ""),
    )


def _page_resource(page: Page, root: str) -> dict[str, Any]:
    resource = {
        "kind": "storage#objects",
        "items": [object_resource(each, root) for each in page.items],
        "prefixes": page.prefixes,
        "nextPageToken": page.next_page_token,
    }
    # What is empty is left out, as Google does.
    return {name: value for name, value in resource.items() if value}
