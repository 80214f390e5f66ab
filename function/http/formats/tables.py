"""The formats that are tables (CSV, NDJSON, Arrow): their media types' parameters, and the query string's.

The modules that read and write them are imported when a request needs them, because few processes do.
"""

from functools import lru_cache, partial
from typing import Any, Literal
from urllib.parse import parse_qsl

import msgspec
from msgspec import inspect
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from function.errors import BadInput, Fault
from function.http.errors import UnsupportedMediaType
from function.http.formats.negotiation import Sent
from function.inference.codec import Codec, Encode
from function.model.faults import describe
from function.protocols.predictions import DEFAULTS, Parameters

CSV_TYPE, NDJSON_TYPE = "text/csv", "application/x-ndjson"
CHARSETS = ("utf-8", "utf8", "us-ascii")
Header = Literal["present", "absent"]


def read_csv(sent: Sent, unspecified: Header | None) -> Codec:
    """Return the codec of CSV; `unspecified` is what its header is if the media type does not say."""
    from function.protocols.tables import delimited

    options = parse_options_header(sent.headers.get(b"content-type", b"").decode("latin-1"))[1]
    if options.get("charset", "utf-8").lower() not in CHARSETS:
        raise UnsupportedMediaType("CSV in this charset is not supported. Send it in UTF-8.")
    return delimited.codec(parameters_of(sent), _header(options.get("header"), unspecified), sent.max_rows)


def _header(given: str | None, unspecified: Header | None) -> Header | None:
    if given is None:
        return unspecified
    if given not in ("present", "absent"):
        raise UnsupportedMediaType("The parameter `header` of text/csv has an invalid value. Allowed: present, absent.")
    return "present" if given == "present" else "absent"


def write_csv(sent: Sent, unspecified: Header) -> Encode:
    """Return the encoder of CSV; `unspecified` is what its header is if Accept does not say."""
    from function.protocols.tables import delimited

    ranges = parse_accept_header(sent.headers.get(b"accept", b"").decode("latin-1"), MIMEAccept).values()
    options: dict[str, Any] = dict(map(parse_options_header, ranges))
    header = _header(options.get(CSV_TYPE, {}).get("header"), unspecified)
    return partial(delimited.encode, header=header or unspecified)


def read_lines(sent: Sent) -> Codec:
    """Return the codec of NDJSON."""
    from function.protocols.tables import lines

    return lines.codec(parameters_of(sent), sent.max_rows)


def write_lines(sent: Sent) -> Encode:
    """Return the encoder of NDJSON."""
    from function.protocols.tables import lines

    return lines.encode


def read_arrow(sent: Sent) -> Codec:
    """Return the codec of Arrow's stream."""
    from function.protocols.tables.arrow import stream

    return stream.codec(parameters_of(sent), sent.max_rows)


def write_arrow(sent: Sent) -> Encode:
    """Return the encoder of Arrow's stream."""
    from function.protocols.tables.arrow import stream

    return stream.encode


def parameters_of(sent: Sent) -> Parameters:
    """Return the parameters in the query string, whose other fields are ignored.

    Raises:
        BadInput: one has a value that is not allowed, or more than one value.
    """
    return _parameters(sent.query) if sent.query else DEFAULTS


@lru_cache(maxsize=64)
def _parameters(query: bytes) -> Parameters:
    fields: dict[str, Any] = {field.name: field.type for field in inspect.type_info(Parameters).fields}  # type: ignore[attr-defined]
    given = [
        (name, value) for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True) if name in fields
    ]
    for name, value in given:
        if [known for known, _ in given].count(name) > 1 or value not in fields[name].values:
            raise BadInput(Fault(("query", name), "enum", f"expected {describe(fields[name])}"))
    return msgspec.convert(dict(given), Parameters) if given else DEFAULTS
