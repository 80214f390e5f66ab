"""Operations of MLflow's scoring server."""

from collections.abc import Iterator, Mapping
from typing import Any

from function.http.openapi.json_schema import (
    ANYTHING,
    Json,
    any_of,
    array,
    fixed_array,
    mapping,
    obj,
    one_of_values,
    or_null,
)
from function.http.openapi.model_schemas import ModelSchemas
from function.http.openapi.operation import Describe, Operation
from function.http.openapi.rows import outputs_for, predictions_of
from function.http.openapi.tables import TABLES, query_parameters, table_bodies
from function.inference.codec import JSON_TYPE
from function.protocols import mlflow


def invoke(schemas: ModelSchemas) -> Operation:
    """Describe an invocation; `inputs` may also be an object with a list of values for each feature."""
    prediction = any_of(*predictions_of(schemas, label=_label(schemas)))
    response = schemas.add(mlflow.InvocationResponse, {"predictions": array(prediction)})
    return Operation(
        response,
        any_of(*_bodies(schemas)),
        _examples(schemas),
        (JSON_TYPE, *TABLES),
        other_bodies=table_bodies(schemas),
        query=query_parameters(schemas),
    )


def _label(schemas: ModelSchemas) -> Json:
    several = schemas.model.manifest.predicted_outputs if schemas.model else ()
    return mapping(ANYTHING) if several else schemas.label


def _bodies(schemas: ModelSchemas) -> Iterator[Json]:
    """Describe a body for each key; with `on_error` null, every row is allowed."""
    row_outputs, vector_outputs = outputs_for(schemas)
    anything = array(ANYTHING, schemas.max_rows)
    for key in ("dataframe_records", "instances", "inputs"):
        if schemas.row:
            yield _body(key, array(schemas.row, schemas.max_rows), row_outputs)
        if schemas.values:
            yield _body(key, array(schemas.values, schemas.max_rows), row_outputs)
        if not (schemas.model and schemas.model.schema.arrays_are_rows):
            yield _body(key, array(schemas.vector, schemas.max_rows), vector_outputs)
        yield _body(key, anything, vector_outputs, "null")
    model = schemas.model
    if model and schemas.features:
        names = fixed_array([one_of_values([feature.name]) for feature in model.manifest.features])
        data = array(fixed_array(schemas.features), schemas.max_rows)
        yield _body("dataframe_split", _split(data, or_null(names) if schemas.values else names), row_outputs)
    if not (model and model.schema.arrays_are_rows):
        data = array(schemas.vector, schemas.max_rows)
        yield _body("dataframe_split", _split(data, {"type": "null"}), vector_outputs)


def _split(data: Json, columns: Json) -> Json:
    """Describe a table, whose `columns` may be left out if they may be null."""
    optional = ["index"] if "prefixItems" in columns else ["index", "columns"]
    index = or_null(array(ANYTHING))
    return obj({"data": data, "columns": columns, "index": index}, optional=optional, closed=True)


def _body(key: str, value: Json, outputs: list[str], on_error: str = "fail") -> Json:
    options = {"output": one_of_values(outputs), "on_error": one_of_values([on_error])}
    if on_error == "null":
        return obj({key: value, "params": obj(options, optional=["output"], closed=True)}, closed=True)
    params = or_null(obj(options, optional=["output", "on_error"], closed=True))
    return obj({key: value, "params": params}, optional=["params"], closed=True)


def _examples(schemas: ModelSchemas) -> dict[str, Any]:
    row, vector = schemas.example_row(), schemas.example_vector()
    if row:
        split = {"columns": list(row), "index": [0], "data": [list(row.values())]}
        return {
            "split": {"dataframe_split": split},
            "records": {"dataframe_records": [row]},
            **{
                output: {"dataframe_records": [row], "params": {"output": output}}
                for output in outputs_for(schemas)[0][1:]
            },
        }
    return {"instances": {"instances": [vector]}} if vector else {}


OPERATIONS: Mapping[str, Describe] = {
    "POST /invocations": invoke,
    "GET /ping": lambda schemas: Operation(ANYTHING, media_types=("text/plain",), needs_model=False),
    "GET /version": lambda schemas: Operation(ANYTHING, media_types=("text/plain",), needs_model=False),
}
