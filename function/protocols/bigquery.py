"""BigQuery remote functions: one reply for each call; https://cloud.google.com/bigquery/docs/remote-functions.

A call's arguments are the features in the manifest's order, or one JSON value with the row.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from function.errors import BadInput, Fault, Problem
from function.inference.codec import Codec, Encoded
from function.inference.query import Query
from function.model.faults import Place
from function.model.loaded import LoadedModel
from function.model.outputs import Outputs
from function.protocols.calls import Call, parse_json_argument, read_calls
from function.protocols.decoding import decode as decode_json

MAX_ERROR_BYTES = 1000
"""BigQuery shows errors of less than 1 KB."""
NO_PROBABILITY = Fault(
    ("userDefinedContext", "output"), "enum", 'expected "label": this model does not predict probabilities'
)


NO_SCORE = Fault(
    ("userDefinedContext", "output"), "enum", 'expected "label": only models that detect outliers have scores'
)
LABELED = ("binary", "multiclass", "outlier", "cluster", "multioutput-classification")
"""The tasks of which a probability may be requested by mistake; the value of a regression is its only output."""


class Context(Struct, frozen=True, forbid_unknown_fields=True):
    """The options that the function's DDL sets as `user_defined_context`."""

    output: Literal["probability", "label", "score"] | UnsetType = UNSET
    """Binary models: the positive class's probability, or the label. Outlier detectors: the label, or the score.

    Other models always predict the label or value; with several outputs, a JSON array of them.
    """
    on_error: Literal["fail", "null"] = "fail"


class BigQueryRequest(Struct, frozen=True, rename="camel"):
    """The body of a request; the caller's identity is not decoded, so that it can't be logged."""

    calls: list[Call]
    user_defined_context: Context | None = None


class Replies(Struct, frozen=True, forbid_unknown_fields=True):
    """A prediction for each call, in order; null for a row that is skipped."""

    replies: list[Any]


class BigQueryError(Struct, frozen=True, rename="camel"):
    """An error message, which BigQuery shows to the author of the query."""

    error_message: Annotated[str, Meta(max_length=MAX_ERROR_BYTES)]


class ResponseOptions(Struct, frozen=True):
    """What the encoder needs from the request."""

    probability: bool
    score: bool = False


REQUESTS = msgspec.json.Decoder(BigQueryRequest)


def decode(body: bytes, model: LoadedModel) -> Query:
    """Decode the body of a request.

    Raises:
        BadInput: a row is invalid, and `on_error` is not `null`; the message has the row and the argument.
    """
    request = decode_json(REQUESTS, body)
    context, calls = request.user_defined_context or Context(), request.calls
    if context.output == "probability" and not model.has_probabilities and model.manifest.task in LABELED:
        raise BadInput(NO_PROBABILITY)
    if context.output == "score" and not model.has_scores:
        raise BadInput(NO_SCORE)
    probability = context.output != "label" and model.has_probabilities and model.manifest.task == "binary"
    if (len(model.schema.names) or model.schema.width) > 1:
        calls = list(map(parse_json_argument, calls))
    query = read_calls(calls, model.schema, skip=context.on_error == "null")
    return replace(query, options=ResponseOptions(probability, context.output == "score"))


def place(query: Query, row: int) -> Place:
    """Return the place of a row in the body."""
    return ("calls", row)


def encode(query: Query, outputs: Outputs, model: LoadedModel) -> Encoded:
    """Encode a reply for each call, in order; null for an invalid row that is skipped."""
    options: ResponseOptions = query.options
    values = outputs.labels
    if options.probability and outputs.probabilities is not None:
        values = outputs.probabilities[:, 1]
    elif options.score and outputs.scores is not None:
        values = outputs.scores
    return Encoded(msgspec.json.encode(Replies(query.spread(values.tolist()))))


CODEC = Codec(decode, place, encode)


def encode_problem(problem: Problem) -> bytes:
    """Encode an error, shortened to the size that BigQuery shows."""
    sentence = str(problem)
    body = msgspec.json.encode(BigQueryError(sentence))
    while len(body) > MAX_ERROR_BYTES:
        sentence = sentence[: len(sentence) * MAX_ERROR_BYTES // len(body) - 4]
        body = msgspec.json.encode(BigQueryError(sentence + "..."))
    return body
