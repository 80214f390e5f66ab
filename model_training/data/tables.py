"""Read custom tables from CSV and Parquet files."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import pandas as pd
import pyarrow as pa
from pandas.errors import EmptyDataError, ParserError, ParserWarning

from model_training.data.cells.conversion import convert_column
from model_training.data.cells.formats import DecimalMark
from model_training.data.cells.reading import Cells, Reading
from model_training.data.errors import BadTable
from model_training.data.parts import Parts, paths_of

PARQUET = b"PAR1"
COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".zip": "zip"}
SNIFFED_BYTES = 1 << 16
SEPARATORS = ";\t|"
"""The separators to try, in this order, if a header has no comma."""
TEXT: dict[str, Any] = {"dtype": "str", "keep_default_na": False, "na_filter": False, "index_col": False}
"""The options of pandas that read every cell as the text that it is; an empty cell is empty text."""
Watch = Callable[[BinaryIO], BinaryIO]
"""Wraps an open file to report how much of it has been read."""


@dataclass(frozen=True)
class Table:
    """A table that was read from a file."""

    frame: pd.DataFrame
    """The values; text columns have dtype object, with NaN for missing values."""
    columns: Mapping[str, Cells]
    """Each column, with the notation of its numbers and remarks."""
    remarks: tuple[str, ...] = ()
    """Warnings for the user that are about no single column."""


AS_USUAL = Reading()


def read_table(path: Path | Parts, watch: Watch = lambda file: file, reading: Reading = AS_USUAL) -> Table:
    """Read a CSV file with a header, a Parquet file, or several of one kind with the same columns.

    Raises:
        BadTable: a file can't be read, is not a CSV or Parquet table, or has other columns; there are no rows.
    """
    names, arrays, usual, remarks = _read_parts(path, watch)
    declared = usual is None
    if not arrays or not len(arrays[0]):
        raise BadTable(f"{path} has a header but no rows")
    columns = {}
    for name in names:  # Let go of the text of each column when it is converted.
        columns[name] = convert_column(
            arrays.pop(0), replace(reading.options(name), usual=usual or ".", declared=declared)
        )
    return Table(pd.DataFrame({name: cells.series for name, cells in columns.items()}), columns, remarks)


@contextmanager
def read_errors(path: Path) -> Iterator[None]:
    """Convert errors of pandas and the file system to BadTable, with a message for the user."""
    try:
        yield
    except (OSError, BadZipFile, EOFError) as error:
        raise BadTable(f"{path} can't be read: {getattr(error, 'strerror', None) or error}") from None
    except EmptyDataError:
        raise BadTable(f"{path} is empty: it needs a header and rows") from None
    except ParserWarning:
        raise BadTable(f"{path} is not a valid CSV file: a row has more values than the header has columns") from None
    except (ParserError, UnicodeError) as error:
        raise BadTable(f"{path} is not a valid CSV file: {str(error).strip()}") from None


def sniff_file(path: Path) -> tuple[bytes, str | None]:
    """Return the first bytes of a file, and its compression."""
    with path.open("rb") as file:
        start = file.read(SNIFFED_BYTES)
    compression = COMPRESSIONS.get(path.suffix.lower())
    if compression is None and b"\0" in start and not start.startswith(PARQUET):
        raise BadTable(f"{path} is neither CSV (UTF-8 or Latin-1) nor Parquet: only these formats are supported")
    return start, compression


def _read_parts(files: Path | Parts, watch: Watch) -> tuple[list[str], list[Any], DecimalMark | None, tuple[str, ...]]:
    """Return what `_read` returns, with the rows of all files."""
    paths = paths_of(files)
    read = []
    for path in paths:
        with read_errors(path):
            read.append(_read(path, watch))
        check_same_columns(path, read[-1][0], paths[0], read[0][0])
        if read[-1][2] != read[0][2]:
            raise BadTable(f"{path} and {paths[0]} differ in format or separator: parts of a table must be alike")
    names, arrays, usual, remarks = read[0]
    if len(read) > 1:
        tables = [pa.table(dict(zip(each[0], each[1], strict=True))).select(names) for each in read]
        try:
            arrays = pa.concat_tables(tables, promote_options="permissive").columns
        except pa.ArrowException as error:
            raise BadTable(f"the parts of {files} have columns of different types: {error}") from None
        remarks = tuple(remark for each in read for remark in each[3])
    return names, arrays, usual, remarks


def check_same_columns(path: Path, names: Sequence[str], first: Path, expected: Sequence[str]) -> None:
    """Raise BadTable if a part has other columns than the first one; their order does not matter."""
    if different := sorted(set(names) ^ set(expected)):
        one, other = (path, first) if different[0] in expected else (first, path)
        raise BadTable(f"{one} has no column {different[0]!r}, but {other} has: parts must have the same columns")


def _read(path: Path, watch: Watch) -> tuple[list[str], list[Any], DecimalMark | None, tuple[str, ...]]:
    """Return the names and arrays of a file's columns, the decimal mark to assume in a CSV file, and warnings."""
    start, compression = sniff_file(path)
    if start.startswith(PARQUET):
        return *_read_parquet(path, watch), None, ()
    try:
        return *_read_csv(path, watch, compression, "utf-8"), ()
    except UnicodeDecodeError:
        return *_read_csv(path, watch, compression, "latin-1"), (f"{path} is not UTF-8: it is read as Latin-1",)


def _read_csv(
    path: Path, watch: Watch, compression: str | None, encoding: str
) -> tuple[list[str], list[Any], DecimalMark]:
    """Read a CSV file as text."""
    dialect = csv_dialect(path, compression, encoding)
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("error", ParserWarning)
        frame = pd.DataFrame(pd.read_csv(watch(file), **TEXT, **dialect))
    names = list(map(str, frame.columns))
    return names, [pa.array(frame.pop(name)) for name in frame.columns], usual_mark(dialect)


def usual_mark(dialect: Mapping[str, Any]) -> DecimalMark:
    """Return the decimal mark to assume of numbers such as 1,234: a comma where semicolons separate the columns."""
    return "," if dialect["sep"] == ";" else "."


def csv_dialect(path: Path, compression: str | None, encoding: str) -> dict[str, Any]:
    """Detect the separator of a CSV file from its header; return the options for pandas."""
    dialect: dict[str, Any] = {"compression": compression, "encoding": encoding}

    def header(separator: str) -> list[str]:
        with path.open("rb") as file:
            first = pd.read_csv(file, sep=separator, header=None, nrows=1, dtype=str, **dialect)
        return pd.DataFrame(first).iloc[0].dropna().tolist()

    names, separator = header(","), ","
    if len(names) == 1:
        separator = next((character for character in SEPARATORS if character in names[0]), ",")
        names = header(separator)
    check_duplicate_columns(path, names)
    return {"sep": separator, **dialect}


def _read_parquet(path: Path, watch: Watch) -> tuple[list[str], list[Any]]:
    from pyarrow import parquet

    try:
        with path.open("rb") as file:
            table = parquet.read_table(watch(file))
        check_duplicate_columns(path, table.column_names)
    except (pa.ArrowException, ValueError, OSError) as error:
        raise BadTable(f"{path} is not a valid Parquet file: {str(error).splitlines()[0]}") from None
    index = (table.schema.pandas_metadata or {}).get("index_columns", [])
    names = [name for name in table.column_names if name not in index]
    return names, [table.column(name) for name in names]


def check_duplicate_columns(path: Path, names: list[str]) -> None:
    """Raise BadTable if two columns have the same name."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadTable(f"{path} has duplicate column names ({', '.join(map(repr, twice))}): rename one of each")
