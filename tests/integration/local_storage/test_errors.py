"""Errors."""

import pytest
import requests
from google.cloud import storage

from tests.local_cloud import LocalCloud


def test_errors_have_the_shape_of_google(cloud: LocalCloud) -> None:
    """An error is JSON with a code, a message and a list of reasons."""
    answer = requests.get(f"{cloud.url}/storage/v1/b/nobody", timeout=10)
    message = "The specified bucket does not exist."
    detail = {"domain": "global", "reason": "notFound", "message": message}
    assert answer.status_code == 404
    assert answer.json() == {"error": {"code": 404, "message": message, "errors": [detail]}}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/storage/v1/b", b"{"),
        ("/storage/v1/b", b"[]"),
        ("/storage/v1/b", b"{}"),
        ("/upload/storage/v1/b/BUCKET/o", b""),
        ("/upload/storage/v1/b/BUCKET/o?uploadType=media", b""),
        ("/upload/storage/v1/b/BUCKET/o?uploadType=multipart", b"--x\r\n"),
        ("/upload/storage/v1/b/BUCKET/o?uploadType=media&name=a&ifGenerationMatch=b", b""),
    ],
)
def test_a_malformed_call_is_refused(cloud: LocalCloud, bucket: storage.Bucket, path: str, body: bytes) -> None:
    """What cannot be understood is the caller's error: 400."""
    answer = requests.post(cloud.url + path.replace("BUCKET", bucket.name), body, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 400


@pytest.mark.parametrize("query", ["pageToken=%F0", "pageToken=YWJj%FF", "maxResults=many"])
def test_a_malformed_list_is_refused(cloud: LocalCloud, bucket: storage.Bucket, query: str) -> None:
    """A page token that was never given out, or a size that is no number, is refused."""
    assert requests.get(f"{cloud.url}/storage/v1{bucket.path}/o?{query}", timeout=10).status_code == 400


@pytest.mark.parametrize(("path", "status"), [("/storage/v1/b/any/acl", 501), ("/elsewhere", 404)])
def test_a_call_that_is_missing_is_named(cloud: LocalCloud, path: str, status: int) -> None:
    """What the local cloud does not speak is an error that says so."""
    answer = requests.get(cloud.url + path, timeout=10)
    assert answer.status_code == status
    assert f"GET {path}" in answer.json()["error"]["message"]
