"""Rows: the original service's `test_array`, and plain rows as `instances`, as KServe V1 and Vertex AI have them."""

from functools import lru_cache
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from function.decoding import decode as decode_json
from function.errors import BadInput, Fault, Problem
from function.inference import Query
from function.model.live import LiveModel
from function.model.outputs import Outputs
from function.model.schema import Schema

BAD_INPUT_STATUS = 422
SINGLE = "test_array"
KEYS = (SINGLE, "instances", "inputs")
ONE_OF_THEM = Fault((), "value", "The body must have either test_array or instances (inputs means the same).")
NO_MIXTURE = "expected all objects or all arrays, not a mixture"
NO_PROBABILITY = Fault(("parameters", "output"), "enum", 'expected "label": this model gives no probabilities')


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """How the answer is to be put."""

    output: Literal["label", "probability"] = "label"


class Style(Struct, frozen=True):
    """What the encoder needs to know of the body."""

    key: str
    output: str


def decode(body: bytes, model: LiveModel) -> Query:
    """Read a body of either shape.

    Raises:
        BadInput: naming the row and the field.
    """
    content = decode_json(_decoder(model.schema), body)
    given = [key for key in KEYS if getattr(content, key) is not UNSET]
    if len(given) != 1:
        raise BadInput(ONE_OF_THEM)
    (key,) = given
    rows = getattr(content, key)
    output = content.parameters.output if content.parameters is not UNSET else "label"
    if output == "probability" and not model.has_probabilities:
        raise BadInput(NO_PROBABILITY)
    style = Style(key, output)
    if key == SINGLE:
        return Query(1, vectors=[rows], style=style)
    kinds = set(map(type, rows))
    if len(kinds) > 1:
        raise BadInput(Fault((key,), "value", NO_MIXTURE))
    if model.schema.Row in kinds:
        return Query(len(rows), columns=model.schema.columns(rows), style=style)
    return Query(len(rows), vectors=rows, style=style)


def place(query: Query, row: int) -> tuple[str | int, ...]:
    """Say where in the body a row is."""
    key = query.style.key
    return (key,) if key == SINGLE else (key, row)


def encode(query: Query, outputs: Outputs, model: LiveModel) -> bytes:
    """Write `{"prediction": ...}` for a single array, else `{"predictions": [...]}`."""
    style: Style = query.style
    values = _probabilities(outputs, model) if style.output == "probability" else outputs.labels.tolist()
    return msgspec.json.encode({"prediction": values[0]} if style.key == SINGLE else {"predictions": values})


def encode_problem(problem: Problem) -> bytes:
    """Write `{"error": sentence}`, with the original service's `detail` where a fault has a place."""
    content: dict[str, Any] = {"error": str(problem)}
    if isinstance(problem, BadInput):
        fault = problem.fault
        content["detail"] = [{"loc": ("body", *fault.loc), "msg": fault.msg, "type": fault.type}]
    return msgspec.json.encode(content)


def _probabilities(outputs: Outputs, model: LiveModel) -> list[Any]:
    """Give the positive class's probability for binary, an object of class to number for multiclass."""
    rows: list[Any] = [] if outputs.probabilities is None else outputs.probabilities.tolist()
    if model.manifest.task == "binary":
        return [row[1] for row in rows]
    names = [str(name) for name in model.manifest.classes or ()]
    return [dict(zip(names, row, strict=True)) for row in rows]


def request_type(schema: Schema) -> Any:
    """Make the type of one model's bodies."""
    fields = [
        ("test_array", schema.Vector | UnsetType, UNSET),
        ("instances", list[schema.Instance] | UnsetType, UNSET),  # type: ignore[name-defined]
        ("inputs", list[schema.Instance] | UnsetType, UNSET),  # type: ignore[name-defined]
        ("parameters", Parameters | UnsetType, UNSET),
    ]
    return msgspec.defstruct("Body", fields, frozen=True, forbid_unknown_fields=True)


@lru_cache(maxsize=2)
def _decoder(schema: Schema) -> "msgspec.json.Decoder[Any]":
    """Make the decoder of one model's bodies; the live model's is asked for again and again."""
    return msgspec.json.Decoder(request_type(schema))
