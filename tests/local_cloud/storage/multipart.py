"""The body of a multipart upload: an object's metadata and its bytes."""

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

from tests.local_cloud.errors import CloudError


@dataclass(frozen=True)
class Part:
    """A part of a body; `content_type` is empty when the part does not say."""

    content_type: str
    data: bytes


def parse_multipart(body: bytes, content_type: str) -> tuple[Part, Part]:
    """Split a `multipart/related` body into metadata and media; 400 when it has not two parts.

    Source: RFC 2387. Lines may end with LF alone, as some clients send them.
    """
    header = Message()
    header["content-type"] = content_type
    delimiter = b"--" + str(header.get_boundary("")).encode()
    newline = b"\r\n" if body.lstrip().startswith(delimiter + b"\r\n") else b"\n"
    # What precedes the first delimiter and what follows the last one is no part.
    parts = (newline + body).split(newline + delimiter)[1:-1]
    match parts:
        case [metadata, media]:
            return _part(metadata, newline), _part(media, newline)
    raise CloudError(400, "A multipart upload has two parts.")


def _part(text: bytes, newline: bytes) -> Part:
    head, _, data = text.partition(newline * 2)
    headers = BytesHeaderParser().parsebytes(head.lstrip())
    return Part(headers.get("content-type", ""), data)
