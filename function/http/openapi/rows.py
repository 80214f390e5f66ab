"""Rows, and KServe's V1, which has the same bodies."""

from collections.abc import Iterator
from typing import Any

from function.http.openapi.json_schema import TEXT, Json, any_of, array, mapping, obj, one_of_values
from function.http.openapi.model_schemas import ModelSchemas
from function.http.openapi.operation import Operation
from function.protocols import rows

FAULT = obj({"loc": array(any_of(TEXT, {"type": "integer"})), "msg": TEXT, "type": TEXT})
ERROR = obj({"error": TEXT, "detail": array(FAULT)}, optional=["detail"])
NUMBER: Json = {"type": "number"}


def predict(schemas: ModelSchemas) -> Operation:
    """Describe a prediction."""
    prediction = any_of(*_predictions(schemas))
    answer = any_of(obj({"prediction": prediction}, closed=True), obj({"predictions": array(prediction)}, closed=True))
    return Operation(answer, any_of(*_bodies(schemas)), _examples(schemas))


def _bodies(schemas: ModelSchemas) -> Iterator[Json]:
    """Describe a body of each key, and of rows and vectors apart, since they must not be mixed."""
    of_rows, of_vectors = _outputs(schemas)
    yield _body(rows.SINGLE, schemas.vector, of_vectors)
    for key in rows.KEYS:
        if key == rows.SINGLE:
            continue
        if schemas.row:
            yield _body(key, array(schemas.row, schemas.max_rows), of_rows)
        yield _body(key, array(schemas.vector, schemas.max_rows), of_vectors)


def _body(key: str, value: Json, outputs: list[str]) -> Json:
    parameters = obj({"output": one_of_values(outputs)}, optional=["output"], closed=True)
    return obj({key: value, "parameters": parameters}, optional=["parameters"], closed=True)


def _outputs(schemas: ModelSchemas) -> tuple[list[str], list[str]]:
    """Return what may be asked of rows, and of vectors."""
    if schemas.model is None:
        return ["label"], ["label"]
    return rows.outputs_of(schemas.model), rows.outputs_of(schemas.model, vectors=True)


def _predictions(schemas: ModelSchemas) -> Iterator[Json]:
    yield schemas.label
    if schemas.probability is not None:
        yield schemas.probability
    if "explanation" in _outputs(schemas)[0]:
        yield _explanation(schemas)


def _explanation(schemas: ModelSchemas) -> Json:
    """Describe what `explanation` answers a row with."""
    parts = {"prediction": schemas.label, "baseline": NUMBER, "contributions": mapping(NUMBER)}
    told = {"method": TEXT, "unit": TEXT}
    some = {"probability": schemas.probability or {}, "class": schemas.label}
    return obj({**parts, **told, **some}, optional=some)


def _examples(schemas: ModelSchemas) -> dict[str, Any]:
    row, vector = schemas.example_row(), schemas.example_vector()
    examples: dict[str, Any] = {}
    if row:
        examples["rows"] = {"instances": [row]}
        for output in _outputs(schemas)[0][1:]:
            examples[output] = {"instances": [row], "parameters": {"output": output}}
    if vector:
        examples["vector"] = {rows.SINGLE: vector}
    return examples


LIST = obj({"models": array(TEXT)})
READY = obj({"name": TEXT, "ready": {"const": True}})
OPERATIONS = {
    "POST /": predict,
    "POST /predict": predict,
    "POST /predict/": predict,
    "GET /v1/models": lambda schemas: Operation(LIST),
    "GET /v1/models/{model}": lambda schemas: Operation(READY),
    "POST /v1/models/{model}:predict": predict,
}
