"""SQL of BigQuery: the columns of a table as the inputs of a graph, with the refusals of the function."""

import re
from collections.abc import Sequence

from msgspec import UNSET

from function.model.manifest import Manifest, Scalar
from model_training.bundling.exact.graph.builder import DOUBLE, FLOAT, STRING
from model_training.exporting.graph.inputs import NO_TEXT, Input

MISSING = "CAST('NaN' AS FLOAT64)"
ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r"}


def literal(value: Scalar) -> str:
    """Write a value; https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#literals."""
    if isinstance(value, str):
        return "'" + "".join(ESCAPES.get(each, each) for each in value) + "'"
    return str(value).upper() if isinstance(value, bool) else repr(value)


def column_of(given: Input) -> str:
    """Write the input of a feature over a column of its name.

    What the function would refuse ends the query with an error that names the column: a value that is not among the
    categories of a closed feature, and a missing one where none is allowed.
    """
    feature = given.feature
    name = f"`{feature.name}`"
    value = name if feature.default is UNSET or feature.nullable else f"IFNULL({name}, {literal(feature.default)})"
    number = _number(given, value)
    absent = _error(given, "a value is missing")
    if feature.nullable:
        absent = literal(NO_TEXT) if given.kind == STRING else MISSING
    if not feature.closed:
        return f"IFNULL({number}, {absent}) AS {name}"
    known = ", ".join(map(literal, feature.categories or ()))
    otherwise = _error(given, "the model does not know this value, or it is missing")
    if feature.nullable:
        otherwise = f"IF({value} IS NULL, {absent}, {_error(given, 'the model does not know this value')})"
    return f"IF({value} IN ({known}), {number}, {otherwise}) AS {name}"


def _number(given: Input, value: str) -> str:
    """Convert a column to the type of the input where its own is another."""
    if given.is_date:
        value = f"UNIX_SECONDS(TIMESTAMP({value}))"
    elif given.feature.type == "boolean" and given.kind == DOUBLE:
        value = f"CAST({value} AS INT64)"
    return f"CAST({value} AS FLOAT64)" if given.kind in (DOUBLE, FLOAT) else value


def _error(given: Input, reason: str) -> str:
    return f"ERROR({literal(f'{given.feature.name}: {reason}')})"


def create_model(manifest: Manifest, file: str) -> str:
    """Write the statement that imports a graph; BUCKET and DATASET are for the user to replace."""
    name = _name(manifest)
    uri = f"gs://BUCKET/models/{name}.onnx"
    return f"""{_heading(manifest)}
-- First: gcloud storage cp {file} {uri}
CREATE OR REPLACE MODEL `DATASET.{name}`
OPTIONS (MODEL_TYPE = 'ONNX', MODEL_PATH = {literal(uri)});
"""


def predict(manifest: Manifest, columns: Sequence[str], *, probabilities: bool) -> str:
    """Write the statement that predicts a table; DATASET and TABLE are for the user to replace."""
    about = _heading(manifest)
    if probabilities:
        about += (
            f"\n-- Its probabilities are those of the classes {_line(', '.join(map(str, manifest.classes or ())))}."
        )
    listed = ",\n      ".join(columns)
    # Names and values are quoted by `column_of` and `literal`; the statement is written, never run.
    return f"""{about}
-- Columns of the table that are added to the inner SELECT, such as an id, are in the result too.
SELECT *
FROM ML.PREDICT(
  MODEL `DATASET.{_name(manifest)}`,
  (
    SELECT
      {listed}
    FROM `DATASET.TABLE`
  )
);
"""  # noqa: S608


def _name(manifest: Manifest) -> str:
    """Return the name of the model in BigQuery: letters, digits and _."""
    return re.sub(r"\W", "_", manifest.name, flags=re.ASCII)


def _heading(manifest: Manifest) -> str:
    return f"-- {_line(manifest.name)}, version {manifest.version}: written by `taxiway export`."


def _line(text: str) -> str:
    """Return text as one line of a comment."""
    return " ".join(text.split())
