"""The families of paths, each with the formats of its bodies and responses.

A protocol is imported by the first request that needs it, because few processes see all of them.
"""

from collections.abc import Callable
from functools import partial

from function.errors import BadInput
from function.http.formats.negotiation import Family, Sent
from function.http.formats.tables import (
    parameters_of,
    read_arrow,
    read_csv,
    read_lines,
    write_arrow,
    write_csv,
    write_lines,
)
from function.inference.codec import JSON_TYPE, Codec, Encode
from function.protocols import rows
from function.protocols.open_inference import HEADER, MEDIA_TYPE
from function.protocols.tables import ARROW_TYPE, CSV_TYPE, NDJSON_TYPE

LENGTH_OF_JSON = HEADER.lower().encode()


def _tensors(sent: Sent) -> Codec:
    from function.protocols.open_inference import inference

    length = sent.headers.get(LENGTH_OF_JSON)
    return inference.CODEC if length is None else inference.binary_codec(length)


def _binary_tensors(sent: Sent) -> Codec:
    from function.protocols.open_inference import binary

    if LENGTH_OF_JSON not in sent.headers:
        raise BadInput(binary.NO_HEADER)
    return _tensors(sent)


def _invoked(read: Callable[[Sent], Codec]) -> Callable[[Sent], Codec]:
    """Return a reader whose response is JSON, as MLflow's is whatever the format of the body."""
    return lambda sent: read(sent)._replace(encode=_encode_invoked(sent))


def _read_invoked(sent: Sent) -> Codec:
    from function.protocols import mlflow

    return mlflow.codec(parameters_of(sent))


def _encode_invoked(sent: Sent) -> Encode:
    from function.protocols import mlflow

    return mlflow.encode


def _calls(sent: Sent) -> Codec:
    from function.protocols import bigquery

    return bigquery.CODEC


ROWS = Family(
    {
        JSON_TYPE: lambda sent: rows.codec(parameters_of(sent)),
        CSV_TYPE: partial(read_csv, unspecified="present"),
        NDJSON_TYPE: read_lines,
        ARROW_TYPE: read_arrow,
    },
    {
        JSON_TYPE: lambda sent: rows.encode,
        CSV_TYPE: partial(write_csv, unspecified="present"),
        NDJSON_TYPE: write_lines,
        ARROW_TYPE: write_arrow,
    },
)
INVOCATIONS = Family(
    {
        JSON_TYPE: _read_invoked,
        CSV_TYPE: _invoked(partial(read_csv, unspecified=None)),
        NDJSON_TYPE: _invoked(read_lines),
        ARROW_TYPE: _invoked(read_arrow),
    },
    {
        JSON_TYPE: _encode_invoked,
        CSV_TYPE: partial(write_csv, unspecified="absent"),
        NDJSON_TYPE: write_lines,
        ARROW_TYPE: write_arrow,
    },
    answers_alike=False,
)
"""MLflow's scoring server and SageMaker, which answers JSON or, if Accept says so, CSV without a header."""
INSTANCES = Family({JSON_TYPE: lambda sent: rows.CODEC}, {})
"""KServe V1, whose rows are those of the rows protocol."""
TENSORS = Family({JSON_TYPE: _tensors, MEDIA_TYPE: _binary_tensors}, {})
CALLS = Family({JSON_TYPE: _calls}, {})
