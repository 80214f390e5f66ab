"""Resumable uploads: the bytes come in pieces, and nothing is visible before the last one."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.local_cloud.errors import CloudError
from tests.local_cloud.storage.content_range import ContentRange
from tests.local_cloud.storage.objects import Object
from tests.local_cloud.storage.preconditions import Preconditions


@dataclass
class ResumableUpload:
    """An upload under way; `finished` is the object it has become."""

    bucket: str
    name: str
    fields: Mapping[str, Any]
    conditions: Preconditions
    upload_id: str = field(default_factory=lambda: secrets.token_hex(16))
    received: bytearray = field(default_factory=bytearray)
    finished: Object | None = None

    def receive(self, piece: ContentRange, data: bytes) -> bool:
        """Take a piece, which may repeat bytes already here; tell whether all are here.

        A piece without bytes asks how far the upload has come. 400 when bytes between are
        missing.
        """
        if piece.first is not None:
            if piece.first > len(self.received):
                raise CloudError(400, f"Expected byte {len(self.received)}, got {piece.first}.")
            self.received += data[len(self.received) - piece.first :]
        return len(self.received) == piece.total


class Uploads:
    """The resumable uploads, by id; finished ones stay, to answer a repeated last request."""

    def __init__(self) -> None:
        """Start with none."""
        self._uploads: dict[str, ResumableUpload] = {}

    def add(self, upload: ResumableUpload) -> None:
        """Begin an upload."""
        self._uploads[upload.upload_id] = upload

    def get(self, upload_id: str) -> ResumableUpload:
        """Return an upload; 404 when there is none with this id."""
        if upload_id not in self._uploads:
            raise CloudError(404, "No such upload.")
        return self._uploads[upload_id]
