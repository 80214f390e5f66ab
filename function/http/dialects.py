"""How each family of paths encodes its errors. It imports all protocols, so only what needs all of them imports it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct

from function.errors import Problem
from function.protocols import bigquery, kserve, mlflow, rows
from function.protocols.open_inference import inference


class ErrorEncoder(Protocol):
    """A module of `function.protocols`, which encodes errors as its clients expect them."""

    def encode_problem(self, problem: Problem) -> bytes:
        """Encode an expected failure."""


@dataclass(frozen=True)
class Dialect:
    """A protocol, the type of its errors, and the status that its clients expect for a bad body."""

    name: str
    protocol: ErrorEncoder
    error: type[Struct]
    bad_input_status: int = 400


ROWS = Dialect("Rows", rows, rows.RowsError, 422)
DIALECTS: Mapping[str, Dialect] = {
    "v1": Dialect("KServe V1", kserve, kserve.KServeError),
    "v2": Dialect("Open Inference Protocol", inference, inference.OpenInferenceError),
    "bigquery": Dialect("BigQuery", bigquery, bigquery.BigQueryError),
    **dict.fromkeys(("invocations", "ping", "version"), Dialect("MLflow", mlflow, mlflow.MLflowError)),
}
"""Dialects by the first part of a path; every other path has the dialect `ROWS`."""


def dialect_of(path: str) -> Dialect:
    """Return the dialect of a path."""
    return DIALECTS.get(path.strip("/").partition("/")[0], ROWS)
