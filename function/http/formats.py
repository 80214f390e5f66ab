"""Choose how a body is read and how the response is written: by the path's family, Content-Type and Accept."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from function.errors import BadInput
from function.http.errors import NotAcceptable, UnsupportedMediaType
from function.inference.codec import JSON_TYPE, Codec, Encode
from function.protocols import bigquery, rows
from function.protocols.open_inference import binary, inference

LENGTH_OF_JSON = binary.HEADER.lower().encode()


class Sent(NamedTuple):
    """What is known of a request besides its path and its body."""

    headers: Mapping[bytes, bytes]
    """The headers, with lower-case names."""
    query: bytes
    """The query string of the URL."""


class Family(NamedTuple):
    """The formats of the bodies of some paths; the first reader is for a body without a Content-Type."""

    readers: Mapping[str, Callable[[Sent], Codec]]
    """By media type of the body: the codec of a request, which responds in the body's own format."""
    writers: Mapping[str, Callable[[Sent], Encode]]
    """By media type that Accept may name: what encodes the response; if empty, Accept is not considered."""


def _json(codec: Codec) -> Family:
    """Return a family whose only format is JSON."""
    return Family({JSON_TYPE: lambda sent: codec}, {})


def _tensors(sent: Sent) -> Codec:
    length = sent.headers.get(LENGTH_OF_JSON)
    return inference.CODEC if length is None else inference.binary_codec(length)


def _binary_tensors(sent: Sent) -> Codec:
    if LENGTH_OF_JSON not in sent.headers:
        raise BadInput(binary.NO_HEADER)
    return _tensors(sent)


ROWS = _json(rows.CODEC)
TENSORS = Family({JSON_TYPE: _tensors, binary.MEDIA_TYPE: _binary_tensors}, {})
CALLS = _json(bigquery.CODEC)


def codec_of(family: Family, headers: Mapping[bytes, bytes], query: bytes) -> Codec:
    """Return the codec of a request; JSON is the default for the body, and the body's own format for the response.

    Raises:
        UnsupportedMediaType: the paths of this family have no such bodies.
        NotAcceptable: the response has no format that the caller accepts.
        BadInput: another header or the query string is invalid.
    """
    media_type = headers.get(b"content-type", b"application/json").partition(b";")[0].strip().lower().decode("latin-1")
    reader = family.readers.get(media_type)
    if reader is None:
        raise UnsupportedMediaType(_unsupported(list(family.readers)))
    sent = Sent(headers, query)
    codec = reader(sent)
    accept = headers.get(b"accept")
    if not family.writers or accept is None or accept == b"*/*":
        return codec
    chosen = _preferred(accept.decode("latin-1"), [media_type, *family.writers])
    return codec if chosen == media_type else codec._replace(encode=family.writers[chosen](sent))


def _unsupported(allowed: Sequence[str]) -> str:
    if allowed == [JSON_TYPE]:
        return "The body is not declared as JSON. Send JSON with the header Content-Type: application/json."
    return f"The Content-Type of the body is not supported. Send one of {', '.join(allowed)}."


def _preferred(accept: str, offered: Sequence[str]) -> str:
    """Return the media type that an Accept header prefers; the first of those that it likes equally.

    Raises:
        NotAcceptable: it admits none.
    """
    chosen = parse_accept_header(accept, MIMEAccept).best_match(offered)
    if chosen is None:
        raise NotAcceptable(f"The response has no format that the header Accept admits. Offered: {', '.join(offered)}.")
    return chosen
