"""The same rows as bodies of every content type, written by the libraries that callers use."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
from pyarrow import ipc

ARROW, CSV, NDJSON, JSON = "application/vnd.apache.arrow.stream", "text/csv", "application/x-ndjson", "application/json"


class Sent(NamedTuple):
    """A body with its media type, and the path that it is for."""

    path: str
    media_type: str
    body: bytes


def bodies_of(instances: Sequence[dict[str, Any]]) -> dict[str, Sent]:
    """Write rows in every format."""
    frame, table = frame_of(instances), table_of(instances)
    split = json.loads(frame.to_json(orient="split", double_precision=15))
    exact = [[None if pd.isna(value) else value for value in row] for row in frame.to_numpy(dtype=object).tolist()]
    split["data"] = exact  # pandas writes at most 15 decimals.
    content: dict[str, Sent] = {
        "csv": Sent("/predict", CSV, csv_of(frame)),
        "csv with bom and crlf": Sent(
            "/predict", CSV, b"\xef\xbb\xbf" + csv_of(frame, lineterminator="\r\n", quoting=1)
        ),
        "ndjson": Sent("/predict", NDJSON, b"\n".join(json.dumps(row).encode() for row in instances)),
        "arrow": Sent("/predict", ARROW, stream_of(table)),
        "arrow in batches": Sent("/", ARROW, stream_of(table, rows=7)),
        "arrow dictionary": Sent("/predict", ARROW, stream_of(encoded(table))),
        "arrow deltas": Sent("/predict", ARROW, stream_of(growing(table), deltas=True)),
        "arrow large": Sent("/predict", ARROW, stream_of(cast(table, pa.large_string()))),
        "arrow views": Sent("/predict", ARROW, stream_of(cast(table, pa.string_view()))),
        "arrow of pandas": Sent("/predict", ARROW, stream_of(pa.Table.from_pandas(frame[::-1][::-1]))),
        "split": Sent("/invocations", JSON, json.dumps({"dataframe_split": split}).encode()),
        "records": Sent("/invocations", JSON, json.dumps({"dataframe_records": instances}).encode()),
        "instances": Sent("/invocations", JSON, json.dumps({"instances": instances}).encode()),
        "inputs": Sent("/invocations", JSON, json.dumps({"inputs": table.to_pydict()}).encode()),
    }
    for name in ("csv", "ndjson", "arrow", "arrow dictionary"):
        content[f"{name} to MLflow"] = content[name]._replace(path="/invocations")
    content["csv without header"] = Sent("/invocations", CSV, csv_of(frame, header=False))
    content["csv, header absent"] = Sent("/predict", f"{CSV}; header=absent", csv_of(frame, header=False))
    return content


def frame_of(instances: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as a table of pandas, whose missing numbers are NaN."""
    return pd.DataFrame(instances)


def table_of(instances: Sequence[dict[str, Any]]) -> pa.Table:
    """Return rows as a table of Arrow."""
    return pa.Table.from_pylist(list(instances))


def csv_of(frame: pd.DataFrame, **options: Any) -> bytes:
    """Write a table as CSV; numbers in full precision."""
    return str(frame.to_csv(index=False, **options)).encode()


def stream_of(
    table: pa.Table, rows: int | None = None, *, deltas: bool = False, compression: str | None = None
) -> bytes:
    """Write a table as an Arrow stream."""
    sink = io.BytesIO()
    options = ipc.IpcWriteOptions(emit_dictionary_deltas=deltas, compression=compression)
    with ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=rows)
    return sink.getvalue()


def encoded(table: pa.Table) -> pa.Table:
    """Encode columns of text by a dictionary."""
    return pa.table(
        {
            name: column.dictionary_encode() if column.type == pa.string() else column
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    )


def growing(table: pa.Table) -> pa.Table:
    """Encode columns of text by dictionaries of which each batch's continues that of the batch before."""
    parts = []
    for stop in range(10, len(table) + 10, 10):
        whole = encoded(table.slice(0, stop).combine_chunks())
        parts.append(whole.slice(stop - 10))
    return pa.concat_tables(parts)


def cast(table: pa.Table, kind: pa.DataType) -> pa.Table:
    """Give columns of text another type."""
    fields = [pa.field(field.name, kind if field.type == pa.string() else field.type) for field in table.schema]
    return table.cast(pa.schema(fields))


def rows_of(response_type: str, body: bytes, column: str = "prediction") -> list[Any]:
    """Read the predictions of a response in any format."""
    if response_type.startswith(ARROW):
        found: list[Any] = ipc.open_stream(body).read_all()[column].to_pylist()
        return found
    if response_type.startswith(NDJSON):
        return [json.loads(line)["prediction"] for line in body.splitlines()]
    if response_type.startswith(CSV):
        return [_value(row[column]) for row in csv.DictReader(io.StringIO(body.decode()))]
    return list(json.loads(body)["predictions"])


def _value(cell: str) -> Any:
    for read in (int, float):
        try:
            return read(cell)
        except ValueError:
            continue
    return cell
