"""What a response shows for each row: a label, a probability, a score or an explanation; shared by several formats."""

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import replace

from function.errors import BadInput, Fault
from function.inference.query import Query
from function.model.checks import Locate
from function.model.faults import Place
from function.model.loaded import LoadedModel
from function.model.outputs import Method, Outputs, Unit

Output = Literal["label", "probability", "score", "explanation"]
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


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """Options of a prediction request."""

    output: Output = "label"
    on_error: Literal["fail", "null"] = "fail"
    """Whether an invalid row fails the request, or gets null as its prediction."""


DEFAULTS = Parameters()


class ResponseOptions(Struct, frozen=True):
    """What an encoder needs from the request."""

    output: Output
    place: Place
    """The place of the rows in the body."""
    single: bool = False
    """Whether the body has one row that is not in a list."""
    lines: Sequence[int] | None = None
    """The line of each row in a body of lines, counted from 1."""


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


def outputs_of(model: LoadedModel, *, vectors: bool = False) -> list[str]:
    """List the values of `output` that a model supports, for rows or for encoded vectors."""
    explained = model.explained_by == "linear" if vectors else model.explained_by
    supported = {"probability": model.has_probabilities, "score": model.has_scores, "explanation": explained}
    return ["label", *(output for output, is_supported in supported.items() if is_supported)]


def asking(query: Query, options: ResponseOptions, model: LoadedModel, place: Place) -> Query:
    """Add to a query what the response shows; `place` is that of `output` in the request.

    Raises:
        BadInput: the model does not support the output for these rows.
    """
    if options.output != "label":
        _check_output(query, options, model, place)
    return replace(query, options=options, explain=options.output == "explanation")


def _check_output(query: Query, options: ResponseOptions, model: LoadedModel, place: Place) -> None:
    output = options.output
    if output not in (allowed := outputs_of(model)):
        values = ", ".join(f'"{value}"' for value in allowed)
        reason = (SEVERAL_REASONS if model.manifest.predicted_outputs else {}).get(output, REASONS[output])
        raise BadInput(Fault(place, "enum", f"expected {values}: {reason}"))
    if output == "explanation" and query.encoded and query.rows and model.explained_by != "linear":
        raise BadInput(Fault(options.place, "value", UNNAMED))


def place_of(query: Query, row: int) -> Place:
    """Return the place of a row in the body."""
    options: ResponseOptions = query.options
    if options.single:
        return options.place
    return (*options.place, row if options.lines is None else options.lines[row])


def in_lines(numbers: Sequence[int]) -> Locate:
    """Return a function that turns a place among rows into one in a body whose row i is on line `numbers[i]`."""
    return lambda within: ("line", *(numbers[int(row)] for row in within[:1]), *within[1:])


def values_of(query: Query, outputs: Outputs, model: LoadedModel) -> list[Any]:
    """Return what the response shows for each row, in order; null for a row that was skipped."""
    return query.spread(VALUES[query.options.output](outputs, model))


def columns_of(output: Output, outputs: Outputs, model: LoadedModel) -> dict[str, npt.NDArray[Any]]:
    """Return what the response shows as named columns, [n] each, for formats that are tables."""
    several = model.manifest.predicted_outputs
    labels = {"prediction": outputs.labels}
    if several:
        labels = {f"prediction_{each.name}": outputs.labels[:, i] for i, each in enumerate(several)}
    if output == "label":
        return labels
    probabilities: dict[str, npt.NDArray[Any]] = {}
    if outputs.probabilities is not None:
        names = [f"probability_{each}" for each in model.manifest.classes or ()]
        probabilities = dict(zip(names, outputs.probabilities.T, strict=True))
        if model.manifest.task == "binary":
            probabilities = {"probability": outputs.probabilities[:, 1]}
    scores = {} if outputs.scores is None else {"score": outputs.scores}
    if output == "probability" or (explanation := outputs.explanation) is None:
        return scores if output == "score" else probabilities
    return {**labels, **probabilities, **scores, **_explanation_columns(explanation, model)}


def _explanation_columns(explanation: Any, model: LoadedModel) -> dict[str, npt.NDArray[Any]]:
    explained = {}
    if explanation.explained is not None:
        explained = {"class": np.array(model.manifest.classes or ())[explanation.explained]}
    contributions = {f"contribution_{name}": values for name, values in explanation.contributions.items()}
    return {**explained, "baseline": explanation.baseline, **contributions}


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


VALUES: Mapping[Output, Any] = {
    "label": _labels,
    "probability": _probabilities,
    "score": _scores,
    "explanation": _explanations,
}
