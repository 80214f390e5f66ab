"""Operations of the BigQuery protocol."""

from collections.abc import Iterator, Mapping
from typing import Any

from function.http.openapi.json_schema import ANYTHING, Json, any_of, array, fixed_array, obj, one_of_values, or_null
from function.http.openapi.model_schemas import ModelSchemas
from function.http.openapi.operation import Describe, Operation
from function.model.checks import NUMERIC
from function.model.manifest import Feature
from function.protocols import bigquery

WRITTEN_NUMBER: Json = {"type": "string", "pattern": "^(0|-?[1-9][0-9]{0,14})$"}
"""BigQuery sends numbers that JSON can't represent as text."""


def predict(schemas: ModelSchemas) -> Operation:
    """Describe a request of a remote function: every call has one argument per feature, or one JSON argument."""
    calls = any_of(*[array(call, schemas.max_rows) for call in _calls(schemas)])
    output = one_of_values(_outputs(schemas))
    context = {"output": output, "on_error": one_of_values(["fail"])}
    failing = or_null(obj(context, optional=["output", "on_error"], closed=True))
    skipping = obj({**context, "on_error": one_of_values(["null"])}, optional=["output"], closed=True)
    body = any_of(
        obj({"calls": calls, "userDefinedContext": failing}, optional=["userDefinedContext"]),
        obj({"calls": array(array(ANYTHING), schemas.max_rows), "userDefinedContext": skipping}),
    )
    numbers = [schema for schema in (schemas.probability, schemas.score) if schema]
    reply = any_of(schemas.label, *numbers, {"type": "null"})
    return Operation(schemas.add(bigquery.Replies, {"replies": array(reply)}), body, _examples(schemas))


def _outputs(schemas: ModelSchemas) -> list[str]:
    labels_only = schemas.model and schemas.probability is None and schemas.model.manifest.task in bigquery.LABELED
    outputs = ["label"] if labels_only else ["label", "probability"]
    return outputs if schemas.score is None else [*outputs, "score"]


def _calls(schemas: ModelSchemas) -> Iterator[Json]:
    model = schemas.model
    if model is None:
        yield array(ANYTHING)
        return
    if schemas.row:
        yield fixed_array([_argument(*each) for each in zip(model.manifest.features, schemas.features, strict=True)])
        yield fixed_array([schemas.row])
    if schemas.values:
        yield fixed_array([schemas.values])
    if not model.schema.arrays_are_rows:
        yield fixed_array([schemas.vector])


def _argument(feature: Feature, described: Json) -> Json:
    if feature.type not in NUMERIC:
        return described
    if feature.categories:
        return any_of(described, one_of_values(map(str, feature.categories)))
    return any_of(described, WRITTEN_NUMBER)


def _examples(schemas: ModelSchemas) -> dict[str, Any]:
    row, vector = schemas.example_row(), schemas.example_vector()
    caller = {"requestId": "124ab1c", "caller": "//bigquery.googleapis.com/projects/example/jobs/example"}
    examples: dict[str, Any] = {}
    if row:
        examples["arguments"] = {**caller, "calls": [list(row.values())]}
        examples["json"] = {**caller, "calls": [[row]], "userDefinedContext": {"output": "label"}}
    elif vector:
        examples["json"] = {**caller, "calls": [[vector]]}
    return examples


OPERATIONS: Mapping[str, Describe] = {"POST /bigquery": predict}
