"""The surface of Cloud Storage as one table: method, path, kind of call, handler."""

from starlette.requests import Request

from tests.local_cloud.dispatch import Operation
from tests.local_cloud.policies import Policies
from tests.local_cloud.project import Project
from tests.local_cloud.storage.bucket_api import BucketApi
from tests.local_cloud.storage.bucket_policy_api import BucketPolicyApi
from tests.local_cloud.storage.copy_api import CopyApi
from tests.local_cloud.storage.object_api import ObjectApi
from tests.local_cloud.storage.storage import Storage
from tests.local_cloud.storage.unknown_api import unknown
from tests.local_cloud.storage.upload_api import UploadApi

BUCKETS = "/storage/v1/b"
BUCKET = BUCKETS + "/{bucket}"
OBJECTS = BUCKET + "/o"
OBJECT = OBJECTS + "/{object}"
TO = "/b/{to_bucket}/o/{to_object}"


def operations(storage: Storage, policies: Policies, project: Project) -> list[Operation]:
    """Return all calls that Cloud Storage answers, the particular before the general."""
    buckets, objects = BucketApi(storage, policies), ObjectApi(storage)
    access = BucketPolicyApi(storage, policies, project)
    uploads, copies = UploadApi(storage), CopyApi(storage)
    return [
        Operation("POST", BUCKETS, "bucket", buckets.insert),
        Operation("GET", BUCKETS, "bucket", buckets.list),
        Operation("GET", BUCKET, "bucket", buckets.get),
        Operation("PATCH", BUCKET, "bucket", buckets.patch),
        Operation("PUT", BUCKET, "bucket", buckets.update),
        Operation("DELETE", BUCKET, "bucket", buckets.delete),
        Operation("GET", BUCKET + "/iam", "policy", access.get),
        Operation("PUT", BUCKET + "/iam", "policy", access.set),
        Operation("GET", BUCKET + "/anywhereCaches", "caches", buckets.list_caches),
        Operation("GET", BUCKET + "/anywhereCaches/", "caches", buckets.list_caches),
        Operation("GET", OBJECTS, "list", objects.list),
        Operation("GET", OBJECT, _reading, objects.get),
        Operation("GET", "/download" + OBJECT, "download", objects.download),
        Operation("PATCH", OBJECT, "patch", objects.patch),
        Operation("PUT", OBJECT, "patch", objects.update),
        Operation("DELETE", OBJECT, "delete", objects.delete),
        Operation("POST", "/upload" + OBJECTS, "upload", uploads.insert),
        Operation("PUT", "/upload" + OBJECTS, "upload", uploads.resume),
        Operation("POST", OBJECT + "/copyTo" + TO, "copy", copies.copy),
        Operation("POST", OBJECT + "/rewriteTo" + TO, "copy", copies.rewrite),
        Operation(None, "/storage/{rest:path}", "unknown", unknown),
        # The XML API's way to read, with plain slashes, which Terraform's gcs backend takes.
        Operation("GET", "/{bucket}/{object:path}", "download", objects.download),
    ]


def _reading(request: Request) -> str:
    return "download" if request.query_params.get("alt") == "media" else "metadata"
