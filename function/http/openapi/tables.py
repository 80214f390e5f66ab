"""Bodies and responses that are tables (CSV, NDJSON, Arrow), and the parameters that they have in the query string."""

import csv
import io
from typing import Any

import msgspec

from function.http.formats.negotiation import ARROW_TYPE
from function.http.formats.tables import CSV_TYPE, NDJSON_TYPE
from function.http.openapi.json_schema import TEXT, Json, one_of_values
from function.http.openapi.model_schemas import ModelSchemas
from function.protocols.predictions import outputs_of

TABLES = (CSV_TYPE, NDJSON_TYPE, ARROW_TYPE)
OUTPUT = "What to predict, if the body has no parameters. `on_error=null` skips invalid rows in the same way."
ABOUT = {
    CSV_TYPE: "A header with the names of the features, then a row a line.",
    NDJSON_TYPE: "A row a line, as a JSON object.",
    ARROW_TYPE: "An IPC stream with a column for each feature.",
}


def table_bodies(schemas: ModelSchemas) -> Json:
    """Describe the bodies that are tables, with an example if the model names its features."""
    row = schemas.example_row()
    examples = _examples(row) if row else {}
    return {
        media_type: {
            "schema": {**TEXT, "description": ABOUT[media_type]},
            **({"example": examples[media_type]} if media_type in examples else {}),
        }
        for media_type in TABLES
    }


def _examples(row: dict[str, Any]) -> dict[str, str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(row)
    writer.writerow(row.values())
    return {CSV_TYPE: text.getvalue(), NDJSON_TYPE: msgspec.json.encode(row).decode() + "\n"}


def query_parameters(schemas: ModelSchemas) -> list[Json]:
    """Describe the parameter `output` in the query string, which is for bodies without parameters of their own."""
    outputs = outputs_of(schemas.model, vectors=True) if schemas.model else ["label"]
    return [{"name": "output", "in": "query", "schema": one_of_values(outputs), "description": OUTPUT}]
