"""Operations of the rows protocol, and of KServe V1, which has the same bodies."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from function.http.openapi.json_schema import ANYTHING, Json, any_of, array, obj, one_of_values, or_null
from function.http.openapi.model_schemas import ModelSchemas
from function.http.openapi.operation import Describe, Operation, fixed
from function.http.openapi.tables import TABLES, query_parameters, table_bodies
from function.inference.codec import JSON_TYPE
from function.protocols import instances, kserve, predictions, rows


def predict(schemas: ModelSchemas) -> Operation:
    """Describe a prediction request, whose body may also be a table."""
    return replace(
        predict_instances(schemas),
        media_types=(JSON_TYPE, *TABLES),
        other_bodies=table_bodies(schemas),
        query=query_parameters(schemas),
    )


def predict_instances(schemas: ModelSchemas) -> Operation:
    """Describe a prediction request in JSON."""
    prediction = any_of(*predictions_of(schemas))
    response = any_of(
        schemas.add(rows.Prediction, {"prediction": prediction}),
        schemas.add(rows.Predictions, {"predictions": array(prediction)}),
    )
    return Operation(response, any_of(*_bodies(schemas)), _examples(schemas))


def _bodies(schemas: ModelSchemas) -> Iterator[Json]:
    """Describe the bodies: one for each key, and for rows and vectors separately, since they must not be mixed."""
    row_outputs, vector_outputs = outputs_for(schemas)
    yield _body(instances.SINGLE, schemas.vector, vector_outputs)
    for key in instances.KEYS:
        anything = ANYTHING if key == instances.SINGLE else array(ANYTHING, schemas.max_rows)
        yield _body(key, anything, vector_outputs, "null")
    for key in instances.KEYS:
        if key == instances.SINGLE:
            continue
        if schemas.row:
            yield _body(key, array(schemas.row, schemas.max_rows), row_outputs)
        if schemas.values:
            yield _body(key, array(schemas.values, schemas.max_rows), row_outputs)
        if not (schemas.model and schemas.model.schema.arrays_are_rows):
            yield _body(key, array(schemas.vector, schemas.max_rows), vector_outputs)


def _body(key: str, value: Json, outputs: list[str], on_error: str = "fail") -> Json:
    """Describe a body; with `on_error` null, every row is allowed, and invalid ones get null."""
    options = {"output": one_of_values(outputs), "on_error": one_of_values([on_error])}
    if on_error == "null":
        return obj({key: value, "parameters": obj(options, optional=["output"], closed=True)}, closed=True)
    parameters = or_null(obj(options, optional=["output", "on_error"], closed=True))
    return obj({key: value, "parameters": parameters}, optional=["parameters"], closed=True)


def outputs_for(schemas: ModelSchemas) -> tuple[list[str], list[str]]:
    """Return the outputs that are supported for rows, and for vectors."""
    if schemas.model is None:
        return ["label"], ["label"]
    return predictions.outputs_of(schemas.model), predictions.outputs_of(schemas.model, vectors=True)


def predictions_of(schemas: ModelSchemas, label: Json | None = None) -> Iterator[Json]:
    """Describe what the prediction of a row may be; `label` replaces the schema of a label."""
    yield schemas.label if label is None else label
    yield {"type": "null"}  # Of an invalid row that is skipped.
    if schemas.probability is not None:
        yield schemas.probability
    if schemas.score is not None:
        yield schemas.score
    if "explanation" in outputs_for(schemas)[0]:
        probability = {"probability": schemas.probability} if schemas.probability is not None else {}
        yield schemas.add(
            predictions.ExplainedPrediction, {"prediction": schemas.label, "class": schemas.label, **probability}
        )


def _examples(schemas: ModelSchemas) -> dict[str, Any]:
    row, vector = schemas.example_row(), schemas.example_vector()
    examples: dict[str, Any] = {}
    if row:
        examples["rows"] = {"instances": [row]}
        for output in outputs_for(schemas)[0][1:]:
            examples[output] = {"instances": [row], "parameters": {"output": output}}
    if vector:
        examples["vector"] = {instances.SINGLE: vector}
    return examples


OPERATIONS: Mapping[str, Describe] = {
    "POST /": predict,
    "POST /predict": predict,
    "POST /predict/": predict,
    "GET /v1/models": fixed(kserve.ModelList),
    "GET /v1/models/{model}": fixed(kserve.ModelStatus),
    "POST /v1/models/{model}:predict": predict_instances,
}
