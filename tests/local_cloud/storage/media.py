"""A download: an object's bytes, or a range of them, as an HTTP answer."""

from collections.abc import Mapping
from email.utils import formatdate

from starlette.responses import Response

from tests.local_cloud.error_response import error_response
from tests.local_cloud.errors import CloudError
from tests.local_cloud.storage.content_range import parse_range
from tests.local_cloud.storage.objects import Object
from tests.local_cloud.storage.resources import object_etag

# Headers whose value the uploader chose, and the fields of the resource that hold it.
STORED_HEADERS = {
    "Content-Type": "contentType",
    "Content-Encoding": "contentEncoding",
    "Content-Disposition": "contentDisposition",
    "Content-Language": "contentLanguage",
    "Cache-Control": "cacheControl",
}


def media_response(stored: Object, range_header: str | None) -> Response:
    """Return 200 with all bytes, 206 with a range, or 416 when the range is past the end."""
    data, headers = stored.content.data, _headers(stored)
    wanted = parse_range(range_header, len(data))
    if wanted is None:
        return Response(data, 200, headers)
    if not wanted:
        error = CloudError(416, "The requested range cannot be satisfied.")
        return error_response(error, {"Content-Range": f"bytes */{len(data)}"})
    headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{len(data)}"
    return Response(data[wanted.start : wanted.stop], 206, headers)


def _headers(stored: Object) -> dict[str, str]:
    content, fields = stored.content, stored.fields
    return {
        **_chosen(fields),
        "Accept-Ranges": "bytes",
        "ETag": object_etag(stored),
        "Last-Modified": formatdate(stored.generation / 1e6, usegmt=True),
        "X-Goog-Generation": str(stored.generation),
        "X-Goog-Metageneration": str(stored.metageneration),
        # The hashes are those of the whole object, also when a range of it is sent.
        "X-Goog-Hash": f"crc32c={content.crc32c},md5={content.md5}",
        "X-Goog-Storage-Class": str(fields.get("storageClass", "STANDARD")),
        "X-Goog-Stored-Content-Encoding": str(fields.get("contentEncoding", "identity")),
        "X-Goog-Stored-Content-Length": str(len(content.data)),
    }


def _chosen(fields: Mapping[str, object]) -> dict[str, str]:
    return {header: str(fields[name]) for header, name in STORED_HEADERS.items() if name in fields}
