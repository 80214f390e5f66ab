"""Calls that upload an object: at once, with metadata, or in pieces."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.errors import CloudError
from tests.local_cloud.incoming import json_object, note, path_name, root
from tests.local_cloud.parsing import parse_object
from tests.local_cloud.storage.content import Content, parse_hashes
from tests.local_cloud.storage.content_range import ContentRange
from tests.local_cloud.storage.multipart import parse_multipart
from tests.local_cloud.storage.objects import Object
from tests.local_cloud.storage.preconditions import Preconditions
from tests.local_cloud.storage.resources import object_resource, writable
from tests.local_cloud.storage.resumable import ResumableUpload
from tests.local_cloud.storage.storage import Storage

CONTENT_TYPE = "application/octet-stream"


class UploadApi:
    """The three ways to upload."""

    def __init__(self, storage: Storage) -> None:
        """Upload into the buckets of `storage`."""
        self._storage = storage
        self._ways = {"media": self._media, "multipart": self._multipart, "resumable": self._start}

    async def insert(self, request: Request) -> Response:
        """Upload an object, or start to, in the way that `uploadType` says."""
        way = self._ways.get(request.query_params.get("uploadType", ""))
        if way is None:
            raise CloudError(400, "Invalid uploadType")
        return await way(request)

    async def resume(self, request: Request) -> Response:
        """Take a piece of a resumable upload: 308 as long as bytes are missing, then 200."""
        upload = self._storage.uploads.get(request.query_params.get("upload_id", ""))
        note(request, object_name=upload.name)
        data = await request.body()
        piece = ContentRange.parse(request.headers.get("content-range"), len(data))
        if upload.finished is None:
            if not upload.receive(piece, data):
                return _incomplete(len(upload.received))
            upload.finished = self._finish(upload, request.headers.get("x-goog-hash"))
        return _answer(request, upload.finished)

    async def _media(self, request: Request) -> Response:
        name = _name(request, {})
        fields = {"contentType": request.headers.get("content-type", CONTENT_TYPE)}
        claims = parse_hashes(request.headers.get("x-goog-hash"))
        return self._store(request, name, await request.body(), fields, claims)

    async def _multipart(self, request: Request) -> Response:
        metadata, media = parse_multipart(await request.body(), request.headers.get("content-type", ""))
        sent = parse_object(metadata.data)
        fields = {"contentType": media.content_type or CONTENT_TYPE, **writable(sent)}
        claims = {**parse_hashes(request.headers.get("x-goog-hash")), **sent}
        return self._store(request, _name(request, sent), media.data, fields, claims)

    def _store(
        self, request: Request, name: str, data: bytes, fields: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> Response:
        content = Content(data)
        content.verify(claims)
        bucket = self._storage.buckets.get(path_name(request, "bucket"))
        conditions = Preconditions.parse(request.query_params)
        stored = bucket.objects.put(name, content, fields, conditions, archive=bucket.versioned)
        return _answer(request, stored)

    async def _start(self, request: Request) -> Response:
        sent = await json_object(request)
        bucket, name = path_name(request, "bucket"), _name(request, sent)
        conditions = Preconditions.parse(request.query_params)
        self._storage.buckets.get(bucket).objects.check(name, conditions)
        content_type = request.headers.get("x-upload-content-type", CONTENT_TYPE)
        upload = ResumableUpload(bucket, name, {"contentType": content_type, **sent}, conditions)
        self._storage.uploads.add(upload)
        query = urlencode({"uploadType": "resumable", "upload_id": upload.upload_id})
        location = f"{root(request)}/upload/storage/v1/b/{bucket}/o?{query}"
        return Response(headers={"Location": location, "X-GUploader-UploadID": upload.upload_id})

    def _finish(self, upload: ResumableUpload, hash_header: str | None) -> Object:
        content = Content(bytes(upload.received))
        content.verify({**upload.fields, **parse_hashes(hash_header)})
        bucket, fields = self._storage.buckets.get(upload.bucket), writable(upload.fields)
        return bucket.objects.put(upload.name, content, fields, upload.conditions, archive=bucket.versioned)


def _name(request: Request, sent: Mapping[str, Any]) -> str:
    name = request.query_params.get("name") or str(sent.get("name", ""))
    if not name:
        raise CloudError(400, "Required parameter: name")
    note(request, object_name=name)
    return name


def _incomplete(received: int) -> Response:
    # Without a Range header the caller knows that nothing has arrived.
    return Response(status_code=308, headers={"Range": f"bytes=0-{received - 1}"} if received else None)


def _answer(request: Request, stored: Object) -> Response:
    return JSONResponse(object_resource(stored, root(request)))
