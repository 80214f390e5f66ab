"""Byte ranges: the Range header of a download, the Content-Range header of an upload."""

import re
from dataclasses import dataclass

from tests.local_cloud.errors import CloudError

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


def parse_range(header: str | None, size: int) -> range | None:
    """Return the positions that a Range header asks for of `size` bytes.

    None stands for everything: no header, several ranges, or one that is not understood,
    which RFC 9110 says to ignore. An empty range cannot be satisfied.
    """
    match = RANGE.fullmatch(header or "")
    first, last = match.groups() if match else ("", "")
    if first:
        return range(int(first), min(int(last or size) + 1, size))
    return range(max(size - int(last), 0), size) if last else None


@dataclass(frozen=True)
class ContentRange:
    """What a request of a resumable upload carries: `first` is None when it carries no bytes.

    `total` is the size of the whole object, None as long as it is unknown.
    """

    first: int | None
    total: int | None

    @classmethod
    def parse(cls, header: str | None, length: int) -> "ContentRange":
        """Read the header of a request with `length` bytes; 400 when they do not agree."""
        if header is None:
            return cls(0, length)
        match = CONTENT_RANGE.fullmatch(header)
        if match is None:
            raise CloudError(400, f"Failed to parse Content-Range header: {header}")
        first, last, total = (int(text) if text and text != "*" else None for text in match.groups())
        expected = 0 if first is None or last is None else last - first + 1
        if expected != length:
            raise CloudError(400, f"The body has {length} bytes, Content-Range says {header}")
        return cls(first, total)
