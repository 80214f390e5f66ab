"""Read custom tables from CSV and Parquet files."""

import hashlib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import pandas as pd
from pandas.errors import EmptyDataError, ParserError, ParserWarning

from model_training.data.errors import BadTable

PARQUET = b"PAR1"
COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".zip": "zip"}
SNIFFED_BYTES = 1 << 16
SEPARATORS = ";\t|"
"""The separators to try, in this order, if a header has no comma."""
Watch = Callable[[BinaryIO], BinaryIO]
"""Wraps an open file to report how much of it has been read."""


def read_table(path: Path, watch: Watch = lambda file: file) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read a CSV file with a header, or a Parquet file; return the table and warnings for the user.

    Text columns have dtype object, with NaN for missing values.

    Raises:
        BadTable: the file can't be read, or is not a CSV or Parquet table with rows.
    """
    with read_errors(path):
        table, remarks = _read(path, watch)
    if not len(table):
        raise BadTable(f"{path} has a header but no rows")
    return table.astype({name: object for name in table if table[name].dtype == "str"}), remarks


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


def _read(path: Path, watch: Watch) -> tuple[pd.DataFrame, tuple[str, ...]]:
    start, compression = sniff_file(path)
    if start.startswith(PARQUET):
        return _read_parquet(path, watch), ()
    try:
        return _read_csv(path, watch, compression, "utf-8"), ()
    except UnicodeDecodeError:
        return _read_csv(path, watch, compression, "latin-1"), (f"{path} is not UTF-8: it is read as Latin-1",)


def _read_csv(path: Path, watch: Watch, compression: str | None, encoding: str) -> pd.DataFrame:
    """Read a CSV file, inferring the type of each column from all its rows instead of chunk by chunk."""
    dialect = csv_dialect(path, compression, encoding)
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("error", ParserWarning)
        return pd.DataFrame(pd.read_csv(watch(file), low_memory=False, index_col=False, **dialect))


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


def _read_parquet(path: Path, watch: Watch) -> pd.DataFrame:
    from pyarrow import ArrowException, parquet

    try:
        with path.open("rb") as file:
            table = parquet.read_table(watch(file))
        check_duplicate_columns(path, table.column_names)
        return pd.DataFrame(table.to_pandas().reset_index(drop=True))
    except (ArrowException, ValueError, OSError) as error:
        raise BadTable(f"{path} is not a valid Parquet file: {str(error).splitlines()[0]}") from None


def check_duplicate_columns(path: Path, names: list[str]) -> None:
    """Raise BadTable if two columns have the same name."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadTable(f"{path} has duplicate column names ({', '.join(map(repr, twice))}): rename one of each")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
