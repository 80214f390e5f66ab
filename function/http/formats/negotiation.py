"""Choose how a body is read and how the response is written, by Content-Type and Accept."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from function.http.errors import NotAcceptable, UnsupportedMediaType
from function.inference.codec import JSON_TYPE, Codec, Encode
from function.protocols.tables import ARROW_TYPE

PARQUET_TYPE = "application/vnd.apache.parquet"
NOT_JSON = "The body is not declared as JSON. Send JSON with the header Content-Type: application/json."


class Sent(NamedTuple):
    """What is known of a request besides its path and its body."""

    headers: Mapping[bytes, bytes]
    """The headers, with lower-case names."""
    query: bytes
    """The query string of the URL."""
    max_rows: int
    """The maximum number of rows of a request."""


class Family(NamedTuple):
    """The formats of the bodies of some paths."""

    readers: Mapping[str, Callable[[Sent], Codec]]
    """By media type of the body: the codec of a request, with the format of the response unless Accept decides it."""
    writers: Mapping[str, Callable[[Sent], Encode]]
    """By media type that Accept may name: what encodes the response; if empty, Accept is not considered."""
    answers_alike: bool = True
    """Whether the response has the format of the body, unless Accept decides it; otherwise it is JSON."""


def codec_of(family: Family, sent: Sent) -> Codec:
    """Return the codec of a request; a body without a Content-Type is JSON.

    Raises:
        UnsupportedMediaType: the paths of this family have no such bodies.
        NotAcceptable: the response has no format that the caller accepts.
        BadInput: another header or the query string is invalid.
    """
    declared, accept = sent.headers.get(b"content-type"), sent.headers.get(b"accept")
    if declared is None or declared == b"application/json":
        media_type = JSON_TYPE
    else:
        media_type = declared.partition(b";")[0].strip().lower().decode("latin-1")
    reader = family.readers.get(media_type)
    if reader is None:
        raise UnsupportedMediaType(_unsupported(media_type, list(family.readers)))
    codec = reader(sent)
    if not family.writers or accept is None or accept == b"*/*":
        return codec
    default = media_type if family.answers_alike else JSON_TYPE
    chosen = _preferred(accept.decode("latin-1"), list(dict.fromkeys([default, *family.writers])))
    return codec._replace(encode=family.writers[chosen](sent))


def _unsupported(media_type: str, allowed: Sequence[str]) -> str:
    if media_type == PARQUET_TYPE and ARROW_TYPE in allowed:
        return f"Parquet is not supported. Send {ARROW_TYPE}, or predict the file offline by `taxiway score`."
    if allowed == [JSON_TYPE]:
        return NOT_JSON
    return f"The Content-Type of the body is not supported. Send one of {', '.join(allowed)}."


def _preferred(accept: str, offered: Sequence[str]) -> str:
    """Return the media type that an Accept header prefers; the first of those that it likes equally.

    Raises:
        NotAcceptable: it admits none.
    """
    # A range may have parameters, such as `header` of text/csv, which say how to write the format.
    ranges = [(each.partition(";")[0].strip(), quality) for each, quality in parse_accept_header(accept, MIMEAccept)]
    chosen = MIMEAccept(ranges).best_match(offered)
    if chosen is None:
        raise NotAcceptable(f"The response has no format that the header Accept admits. Offered: {', '.join(offered)}.")
    return chosen
