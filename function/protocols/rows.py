"""The rows protocol: `test_array` as in the original service, and `instances` as in KServe V1 and Vertex AI."""

from itertools import repeat
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import replace

from function.errors import BadInput, Fault, Problem
from function.inference.codec import Codec, Encoded
from function.inference.query import Query
from function.model.loaded import LoadedModel
from function.model.outputs import Method, Outputs, Unit
from function.protocols.instances import SINGLE, read

UNNAMED = "expected objects of named features: this model has no explanations of arrays"
REASONS = {
    "probability": "this model does not predict probabilities",
    "score": "only models that detect outliers have scores",
    "explanation": "explanations need typical values of the features, which this model lacks",
}
SEVERAL_REASONS = {
    "probability": "this model has several outputs, whose probabilities are not served",
    "explanation": "this model has several outputs, and only predictions of one output are explained",
}


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
    score: float | UnsetType = UNSET
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
        BadInput: the body is invalid; the faults have the row and the field.
    """
    key, parameters, query = read(body, model.schema)
    output = parameters.output
    _check_output(output, model)
    explain = output == "explanation"
    if explain and query.columns is None and query.rows and model.explained_by != "linear":
        raise BadInput(Fault((key,), "value", UNNAMED))
    return replace(query, options=ResponseOptions(key, output), explain=explain)


def outputs_of(model: LoadedModel, *, vectors: bool = False) -> list[str]:
    """List the values of `parameters.output` that a model supports, for rows or for encoded vectors."""
    explained = model.explained_by == "linear" if vectors else model.explained_by
    supported = {"probability": model.has_probabilities, "score": model.has_scores, "explanation": explained}
    return ["label", *(output for output, is_supported in supported.items() if is_supported)]


def _check_output(output: str, model: LoadedModel) -> None:
    if output != "label" and output not in (allowed := outputs_of(model)):
        values = ", ".join(f'"{value}"' for value in allowed)
        reason = (SEVERAL_REASONS if model.manifest.predicted_outputs else {}).get(output, REASONS[output])
        raise BadInput(Fault(("parameters", "output"), "enum", f"expected {values}: {reason}"))


def place(query: Query, row: int) -> tuple[str | int, ...]:
    """Return the place of a row in the body."""
    key = query.options.key
    return (key,) if key == SINGLE else (key, row)


def encode(query: Query, outputs: Outputs, model: LoadedModel) -> Encoded:
    """Encode the prediction for `test_array`, or the predictions for the instances."""
    options: ResponseOptions = query.options
    values = query.spread(OUTPUTS[options.output](outputs, model))
    return Encoded(msgspec.json.encode(Prediction(values[0]) if options.key == SINGLE else Predictions(values)))


CODEC = Codec(decode, place, encode)


def encode_problem(problem: Problem) -> bytes:
    """Encode an error, with the `detail` of the original service if the body is invalid."""
    if not isinstance(problem, BadInput):
        return msgspec.json.encode(RowsError(str(problem)))
    detail = tuple(ErrorDetail(("body", *fault.loc), fault.msg, fault.type) for fault in problem.faults)
    return msgspec.json.encode(RowsError(str(problem), detail))


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


def _scores(outputs: Outputs, model: LoadedModel) -> list[Any]:
    scores: list[Any] = [] if outputs.scores is None else outputs.scores.tolist()
    return scores


def _explanations(outputs: Outputs, model: LoadedModel) -> list[ExplainedPrediction]:
    """Return the explanation of each row's prediction."""
    explanation, classes = outputs.explanation, model.manifest.classes or ()
    if explanation is None:
        return []
    explained, names = explanation.explained, list(explanation.contributions)
    rows = zip(
        _labels(outputs, model),
        repeat(UNSET) if outputs.probabilities is None else _probabilities(outputs, model),
        repeat(UNSET) if outputs.scores is None else _scores(outputs, model),
        repeat(UNSET) if explained is None else [classes[position] for position in explained],
        explanation.baseline.tolist(),
        zip(*(column.tolist() for column in explanation.contributions.values()), strict=True),
        strict=False,  # repeat() has no end.
    )
    return [
        ExplainedPrediction(
            prediction=prediction,
            probability=probability,
            score=score,
            explained_class=explained_class,
            baseline=baseline,
            method=explanation.method,
            unit=explanation.unit,
            contributions=dict(zip(names, contributions, strict=True)),
        )
        for prediction, probability, score, explained_class, baseline, contributions in rows
    ]


OUTPUTS = {"label": _labels, "probability": _probabilities, "score": _scores, "explanation": _explanations}
