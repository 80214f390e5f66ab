"""Calls about the IAM policies of buckets."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.incoming import json_object, path_name
from tests.local_cloud.policies import Policies, Policy
from tests.local_cloud.project import Project
from tests.local_cloud.storage.storage import Storage

BUCKETS = "//storage.googleapis.com/projects/_/buckets"


class BucketPolicyApi:
    """Reading and replacing; a new bucket has the policy that Google gives to it."""

    def __init__(self, storage: Storage, policies: Policies, project: Project) -> None:
        """Serve the policies of the buckets of `storage`, which belong to `project`."""
        self._buckets = storage.buckets
        self._policies = policies
        policies.begin_with(BUCKETS, _new(project.id))

    async def get(self, request: Request) -> Response:
        """Return the policy of a bucket: 200 or 404."""
        bucket = self._bucket(request)
        return _answer(bucket, self._policies.get(full_name(bucket)))

    async def set(self, request: Request) -> Response:
        """Replace the policy of a bucket: 200, 400, 404, or 412 when it changed meanwhile."""
        bucket = self._bucket(request)
        policy = await json_object(request)
        return _answer(bucket, self._policies.replace(full_name(bucket), policy, conflict=412))

    def _bucket(self, request: Request) -> str:
        return self._buckets.get(path_name(request, "bucket")).name


def full_name(bucket: str) -> str:
    """Return the full name of a bucket among the resources of all services."""
    return f"{BUCKETS}/{bucket}"


def _new(project: str) -> Policy:
    # https://cloud.google.com/storage/docs/access-control/iam-roles#basic-roles-modifiable
    owners, viewers = [f"projectEditor:{project}", f"projectOwner:{project}"], [f"projectViewer:{project}"]
    return {
        "version": 1,
        "etag": "CAE=",
        "bindings": [
            {"role": "roles/storage.legacyBucketOwner", "members": owners},
            {"role": "roles/storage.legacyBucketReader", "members": viewers},
            {"role": "roles/storage.legacyObjectOwner", "members": owners},
            {"role": "roles/storage.legacyObjectReader", "members": viewers},
        ],
    }


def _answer(bucket: str, policy: Policy) -> Response:
    return JSONResponse({"kind": "storage#policy", "resourceId": f"projects/_/buckets/{bucket}", **policy})
