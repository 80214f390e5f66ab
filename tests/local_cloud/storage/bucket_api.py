"""Calls about buckets."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.incoming import json_object, note, path_name, root
from tests.local_cloud.policies import Policies
from tests.local_cloud.storage.bucket_policy_api import full_name
from tests.local_cloud.storage.buckets import Bucket
from tests.local_cloud.storage.preconditions import Preconditions
from tests.local_cloud.storage.resources import bucket_resource, writable
from tests.local_cloud.storage.storage import Storage


class BucketApi:
    """Insert, get, list, patch, update and delete of buckets."""

    def __init__(self, storage: Storage, policies: Policies) -> None:
        """Serve the buckets of `storage`, whose IAM policies are among `policies`."""
        self._buckets = storage.buckets
        self._policies = policies

    async def insert(self, request: Request) -> Response:
        """Create a bucket: 200, 400 or 409."""
        resource = await json_object(request)
        name = str(resource.get("name", ""))
        note(request, bucket=name)
        return _answer(request, self._buckets.insert(name, writable(resource)))

    async def list(self, request: Request) -> Response:
        """Return the buckets whose name has the prefix."""
        prefix = request.query_params.get("prefix", "")
        buckets = [bucket for bucket in self._buckets.all() if bucket.name.startswith(prefix)]
        items = [bucket_resource(bucket, root(request)) for bucket in buckets]
        return JSONResponse({"kind": "storage#buckets", "items": items})

    async def get(self, request: Request) -> Response:
        """Return a bucket's resource."""
        name, conditions = _target(request)
        return _answer(request, self._buckets.get(name, conditions))

    async def patch(self, request: Request) -> Response:
        """Change some fields of a bucket."""
        name, conditions = _target(request)
        changes = writable(await json_object(request))
        return _answer(request, self._buckets.change(name, changes, conditions))

    async def update(self, request: Request) -> Response:
        """Replace all fields of a bucket."""
        name, conditions = _target(request)
        fields = writable(await json_object(request))
        return _answer(request, self._buckets.replace(name, fields, conditions))

    async def delete(self, request: Request) -> Response:
        """Delete an empty bucket."""
        name, conditions = _target(request)
        self._buckets.delete(name, conditions)
        self._policies.forget(full_name(name))
        return Response(status_code=204)

    async def list_caches(self, request: Request) -> Response:
        """Return the Anywhere Caches of a bucket, which has none."""
        self._buckets.get(path_name(request, "bucket"))
        return JSONResponse({"kind": "storage#anywhereCaches"})


def _target(request: Request) -> tuple[str, Preconditions]:
    return path_name(request, "bucket"), Preconditions.parse(request.query_params)


def _answer(request: Request, bucket: Bucket) -> Response:
    return JSONResponse(bucket_resource(bucket, root(request)))
