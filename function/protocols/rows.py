"""The rows protocol: `test_array` as in the original service, and `instances` as in KServe V1 and Vertex AI."""

from functools import lru_cache
from itertools import repeat
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType, field

from function.errors import BadInput, Fault, Problem
from function.inference.query import Query
from function.model.loaded import LoadedModel
from function.model.outputs import Method, Outputs, Unit
from function.model.schema import Schema
from function.protocols.decoding import decode as decode_json

SINGLE = "test_array"
KEYS = (SINGLE, "instances", "inputs")
ONE_KEY = Fault((), "value", "The body must have exactly one of test_array, instances and inputs.")
MIXED = "expected all objects or all arrays, not a mixture"
UNNAMED = "expected objects of named features: this model has no explanations of arrays"
REASONS = {
    "probability": "this model does not predict probabilities",
    "explanation": "explanations need typical values of the features, which this model lacks",
}


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """Options of a prediction request."""

    output: Literal["label", "probability", "explanation"] = "label"


class Prediction(Struct, frozen=True, forbid_unknown_fields=True):
    """The prediction for `test_array`."""

    prediction: Any


class Predictions(Struct, frozen=True, forbid_unknown_fields=True):
    """A prediction for each instance, in order."""

    predictions: list[Any]


class ExplainedPrediction(Struct, frozen=True, kw_only=True):
    """A prediction, and what each feature contributed to it."""

    prediction: Any
    probability: Any = UNSET
    explained_class: Any = field(default=UNSET, name="class")
    """The class that the baseline and the contributions are about."""
    baseline: float
    method: Method
    unit: Unit
    contributions: dict[str, float]


class ErrorDetail(Struct, frozen=True):
    """The place of a fault in the body, and what is allowed there."""

    loc: tuple[str | int, ...]
    msg: str
    type: str


class RowsError(Struct, frozen=True):
    """An error message, with details if the body is invalid."""

    error: str
    detail: tuple[ErrorDetail, ...] | UnsetType = UNSET


class ResponseOptions(Struct, frozen=True):
    """What the encoder needs from the request."""

    key: str
    output: str


def decode(body: bytes, model: LoadedModel) -> Query:
    """Decode the body of a request.

    Raises:
        BadInput: the body is invalid; the message has the row and the field.
    """
    content = decode_json(_decoder(model.schema), body)
    given = [key for key in KEYS if getattr(content, key) is not UNSET]
    if len(given) != 1:
        raise BadInput(ONE_KEY)
    (key,) = given
    rows = getattr(content, key)
    output = content.parameters.output if content.parameters is not UNSET else "label"
    _check_output(output, model)
    query = _query(rows, ResponseOptions(key, output), model)
    if query.explain and query.columns is None and query.rows and model.explained_by != "linear":
        raise BadInput(Fault((key,), "value", UNNAMED))
    return query


def _query(rows: Any, options: ResponseOptions, model: LoadedModel) -> Query:
    explain = options.output == "explanation"
    if options.key == SINGLE:
        return Query(1, vectors=[rows], options=options, explain=explain)
    try:
        columns = model.schema.columns(rows) if rows and type(rows[0]) is model.schema.Row else None
    except TypeError:  # Of an array among objects.
        raise BadInput(Fault((options.key,), "value", MIXED)) from None
    if columns is None and model.schema.Row in map(type, rows):
        raise BadInput(Fault((options.key,), "value", MIXED))
    return Query(len(rows), columns, () if columns else rows, options=options, explain=explain)


def outputs_of(model: LoadedModel, *, vectors: bool = False) -> list[str]:
    """List the values of `parameters.output` that a model supports, for rows or for encoded vectors."""
    explained = model.explained_by == "linear" if vectors else model.explained_by
    return ["label", *(["probability"] if model.has_probabilities else []), *(["explanation"] if explained else [])]


def _check_output(output: str, model: LoadedModel) -> None:
    if output != "label" and output not in (allowed := outputs_of(model)):
        values = ", ".join(f'"{value}"' for value in allowed)
        raise BadInput(Fault(("parameters", "output"), "enum", f"expected {values}: {REASONS[output]}"))


def place(query: Query, row: int) -> tuple[str | int, ...]:
    """Return the place of a row in the body."""
    key = query.options.key
    return (key,) if key == SINGLE else (key, row)


def encode(query: Query, outputs: Outputs, model: LoadedModel) -> bytes:
    """Encode the prediction for `test_array`, or the predictions for the instances."""
    options: ResponseOptions = query.options
    values = OUTPUTS[options.output](outputs, model)
    return msgspec.json.encode(Prediction(values[0]) if options.key == SINGLE else Predictions(values))


def encode_problem(problem: Problem) -> bytes:
    """Encode an error, with the `detail` of the original service if the body is invalid."""
    if not isinstance(problem, BadInput):
        return msgspec.json.encode(RowsError(str(problem)))
    fault = problem.fault
    detail = ErrorDetail(("body", *fault.loc), fault.msg, fault.type)
    return msgspec.json.encode(RowsError(str(problem), (detail,)))


def _labels(outputs: Outputs, model: LoadedModel) -> list[Any]:
    labels: list[Any] = outputs.labels.tolist()
    return labels


def _probabilities(outputs: Outputs, model: LoadedModel) -> list[Any]:
    """Return the positive class's probability of a binary model, or an object of all classes' probabilities."""
    rows: list[Any] = [] if outputs.probabilities is None else outputs.probabilities.tolist()
    if model.manifest.task == "binary":
        return [row[1] for row in rows]
    names = [str(name) for name in model.manifest.classes or ()]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _explanations(outputs: Outputs, model: LoadedModel) -> list[ExplainedPrediction]:
    """Return the explanation of each row's prediction."""
    explanation, classes = outputs.explanation, model.manifest.classes or ()
    if explanation is None:
        return []
    explained, names = explanation.explained, list(explanation.contributions)
    rows = zip(
        _labels(outputs, model),
        repeat(UNSET) if outputs.probabilities is None else _probabilities(outputs, model),
        repeat(UNSET) if explained is None else [classes[position] for position in explained],
        explanation.baseline.tolist(),
        zip(*(column.tolist() for column in explanation.contributions.values()), strict=True),
        strict=False,  # repeat() has no end.
    )
    return [
        ExplainedPrediction(
            prediction=prediction,
            probability=probability,
            explained_class=explained_class,
            baseline=baseline,
            method=explanation.method,
            unit=explanation.unit,
            contributions=dict(zip(names, contributions, strict=True)),
        )
        for prediction, probability, explained_class, baseline, contributions in rows
    ]


OUTPUTS = {"label": _labels, "probability": _probabilities, "explanation": _explanations}


def request_type(schema: Schema) -> Any:
    """Create the type of the bodies for one model."""
    fields = [
        ("test_array", schema.Vector | UnsetType, UNSET),
        ("instances", list[schema.Instance] | UnsetType, UNSET),  # type: ignore[name-defined]
        ("inputs", list[schema.Instance] | UnsetType, UNSET),  # type: ignore[name-defined]
        ("parameters", Parameters | UnsetType, UNSET),
    ]
    return msgspec.defstruct("Body", fields, frozen=True, forbid_unknown_fields=True)


@lru_cache(maxsize=2)
def _decoder(schema: Schema) -> "msgspec.json.Decoder[Any]":
    """Return the decoder of the bodies for one model; the live model's is cached."""
    return msgspec.json.Decoder(request_type(schema))
