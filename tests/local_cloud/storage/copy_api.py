"""Calls that copy an object on the server."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.incoming import json_object, path_name, query_number, root
from tests.local_cloud.storage.objects import Object
from tests.local_cloud.storage.preconditions import Preconditions
from tests.local_cloud.storage.resources import object_resource, writable
from tests.local_cloud.storage.storage import Storage


class CopyApi:
    """Copy and rewrite of objects, of the live generation or of an earlier one."""

    def __init__(self, storage: Storage) -> None:
        """Copy within `storage`."""
        self._buckets = storage.buckets

    async def copy(self, request: Request) -> Response:
        """Copy an object and return the new one's resource."""
        return JSONResponse(object_resource(await self._copied(request), root(request)))

    async def rewrite(self, request: Request) -> Response:
        """Copy an object; here that is always done in one call."""
        copied = await self._copied(request)
        size = str(len(copied.content.data))
        return JSONResponse(
            {
                "kind": "storage#rewriteResponse",
                "totalBytesRewritten": size,
                "objectSize": size,
                "done": True,
                "resource": object_resource(copied, root(request)),
            }
        )

    async def _copied(self, request: Request) -> Object:
        # Fields that are sent replace the source's: without any, they are copied too.
        fields = writable(await json_object(request))
        source = self._source(request)
        bucket = self._buckets.get(path_name(request, "to_bucket"))
        return bucket.objects.put(
            path_name(request, "to_object"),
            source.content,
            fields or source.fields,
            Preconditions.parse(request.query_params),
            archive=bucket.versioned,
        )

    def _source(self, request: Request) -> Object:
        name, generation = path_name(request, "object"), query_number(request, "sourceGeneration")
        bucket = self._buckets.get(path_name(request, "bucket"))
        found = bucket.objects.get(name, generation)
        conditions = Preconditions.parse(request.query_params, prefix="ifSource")
        conditions.check(found.generation, found.metageneration)
        return found
