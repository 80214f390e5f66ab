"""What several of these tests say."""

import base64
import hashlib
import itertools

import requests
from google.cloud import storage
from google.cloud.storage.retry import DEFAULT_RETRY

from tests.local_cloud import LocalCloud

QUICK_RETRY = DEFAULT_RETRY.with_delay(initial=0.001, maximum=0.01).with_timeout(10)
SMALL = b"a small model"
CHUNK = 256 * 1024
_NAMES = (f"bucket-{number}" for number in itertools.count())
NAME = "models/flight delay/\u00fc?#%2F+model"


def new_name() -> str:
    """Return a bucket's name that no test has had."""
    return next(_NAMES)


def put(bucket: storage.Bucket, name: str = "model", data: bytes = SMALL, **options: object) -> storage.Blob:
    """Upload `data` and return its blob."""
    blob = bucket.blob(name)
    blob.upload_from_string(data, **options)
    return blob


def object_url(cloud: LocalCloud, blob: storage.Blob) -> str:
    """Return the address of an object's resource."""
    return f"{cloud.url}/storage/v1{blob.path}"


def download(cloud: LocalCloud, blob: storage.Blob, range_header: str | None = None) -> requests.Response:
    """Download with plain HTTP, without the client's retries."""
    headers = {"Range": range_header} if range_header else {}
    return requests.get(object_url(cloud, blob), {"alt": "media"}, headers=headers, timeout=10)


def start_upload(cloud: LocalCloud, bucket: storage.Bucket, **query: str) -> str:
    """Start a resumable upload of `large` and return its address."""
    url = f"{cloud.url}/upload/storage/v1{bucket.path}/o"
    answer = requests.post(url, params={"uploadType": "resumable", **query}, json={"name": "large"}, timeout=10)
    return answer.headers["Location"]


def send_piece(location: str, content_range: str, data: bytes = b"", **headers: str) -> requests.Response:
    """Send a piece of a resumable upload."""
    return requests.put(location, data, headers={"Content-Range": content_range, **headers}, timeout=10)


def hashes(data: bytes) -> str:
    """Return the MD5 of `data` as Google writes it."""
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
