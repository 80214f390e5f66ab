"""Read tables of any length in chunks."""

import codecs
import csv
import warnings
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import pandas as pd
import pyarrow as pa
from pandas.errors import ParserWarning

from model_training.data.cells.formats import DecimalMark
from model_training.data.errors import BadTable
from model_training.data.tables import (
    PARQUET,
    SNIFFED_BYTES,
    TEXT,
    Watch,
    check_duplicate_columns,
    csv_dialect,
    read_errors,
    sniff_file,
    usual_mark,
)

TEXT_ROWS = 200_000


def read_chunks(path: Path, watch: Watch, rows: int) -> Iterator[pd.DataFrame]:
    """Read a table in chunks of `rows` rows; cells of a CSV file are text, cells of a Parquet file values or None.

    Raises:
        BadTable: the file can't be read, or is not a CSV or Parquet table with rows.
    """
    some = False
    with read_errors(path):
        start, compression = sniff_file(path)
        if start.startswith(PARQUET):
            read = _parquet_chunks(path, watch, rows)
        else:
            read = _csv_chunks(path, watch, rows, csv_dialect(path, compression, _encoding(path, compression)))
        for chunk in read:
            if len(chunk):
                some = True
                yield chunk
    if not some:
        raise BadTable(f"{path} has a header but no rows")


def locate_row(path: Path, row: int) -> str:
    """Return the location of a row for an error message: its first line in a CSV file, or its number."""
    start, compression = sniff_file(path)
    line = None
    if compression is None and not start.startswith(PARQUET):
        encoding = _encoding(path, compression)
        separator = csv_dialect(path, compression, encoding)["sep"]
        with path.open(encoding=encoding, newline="") as file:
            line = next(islice(_lines(file, separator), row + 1, None), None)  # The header is the first.
    return f"row {row + 1}" if line is None else f"line {line}"


def _lines(file: TextIO, separator: str) -> Iterator[int]:
    """Yield the line number on which each record begins; skip blank lines, as pandas does."""
    reader, line = csv.reader(file, delimiter=separator), 1
    try:
        for record in reader:
            if len(record) > 1 or record == [""] or "".join(record).strip(" \t"):
                yield line
            line = reader.line_num + 1
    except csv.Error:  # A cell is longer than the csv module supports.
        return


def _encoding(path: Path, compression: str | None) -> str:
    """Return the encoding of a CSV file: Latin-1 if it is not valid UTF-8; a compressed file must be UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while not compression and (content := file.read(SNIFFED_BYTES)):
                decoder.decode(content)
        except UnicodeDecodeError:
            return "latin-1"
    return "utf-8"


def _csv_chunks(path: Path, watch: Watch, rows: int, dialect: dict[str, Any]) -> Iterator[pd.DataFrame]:
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("error", ParserWarning)
        options: dict[str, Any] = {**TEXT, "dtype": object, **dialect}
        with pd.read_csv(watch(file), chunksize=rows, **options) as read:
            yield from read


def read_texts(path: Path, names: Collection[str]) -> Iterator[dict[str, pa.Array]]:
    """Read columns of text, in chunks; columns that the file lacks, or holds as another type, are left out.

    Raises:
        BadTable: the file can't be read, or is not a CSV or Parquet table.
    """
    with read_errors(path):
        start, compression = sniff_file(path)
        if start.startswith(PARQUET):
            yield from _parquet_texts(path, names)
            return
        dialect = csv_dialect(path, compression, _encoding(path, compression))
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("error", ParserWarning)
            options: dict[str, Any] = {**TEXT, **dialect, "usecols": lambda name: name in names}
            with pd.read_csv(file, chunksize=TEXT_ROWS, **options) as read:
                for chunk in read:
                    yield {str(name): pa.array(chunk[name]) for name in chunk}


def _parquet_texts(path: Path, names: Collection[str]) -> Iterator[dict[str, pa.Array]]:
    from pyarrow import ArrowException, parquet, types

    try:
        with parquet.ParquetFile(path) as table:
            texts = [
                field.name
                for field in table.schema_arrow
                if field.name in names and (types.is_string(field.type) or types.is_large_string(field.type))
            ]
            for batch in table.iter_batches(TEXT_ROWS, columns=texts) if texts else ():
                yield {name: batch.column(name).cast(pa.large_string()) for name in texts}
    except (ArrowException, ValueError) as error:
        raise BadTable(f"{path} is not a valid Parquet file: {str(error).splitlines()[0]}") from None


def usual_mark_of(paths: Sequence[Path]) -> DecimalMark:
    """Return the decimal mark to assume of numbers such as 1,234 in the files of a table.

    Raises:
        BadTable: a file can't be read, or the files need different marks.
    """
    marks = [_usual_mark(path) for path in paths]
    for path, mark in zip(paths, marks, strict=True):
        if mark != marks[0]:
            raise BadTable(f"{path} and {paths[0]} differ in format or separator: parts of a table must be alike")
    return marks[0]


def _usual_mark(path: Path) -> DecimalMark:
    with read_errors(path):
        start, compression = sniff_file(path)
        if start.startswith(PARQUET):
            return "."
        return usual_mark(csv_dialect(path, compression, _encoding(path, compression)))


def _parquet_chunks(path: Path, watch: Watch, rows: int) -> Iterator[pd.DataFrame]:
    from pyarrow import ArrowException, parquet

    try:
        with path.open("rb") as file:
            table = parquet.ParquetFile(watch(file))
            check_duplicate_columns(path, table.schema_arrow.names)
            done = 0
            for batch in table.iter_batches(rows):
                values = {name: column.to_pylist() for name, column in zip(batch.schema.names, batch, strict=True)}
                index = pd.RangeIndex(done, done := done + batch.num_rows)
                yield pd.DataFrame(values, index=index, dtype=object)
    except (ArrowException, ValueError) as error:
        raise BadTable(f"{path} is not a valid Parquet file: {str(error).splitlines()[0]}") from None
