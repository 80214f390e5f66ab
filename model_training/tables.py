"""Reading tables that people bring: CSV and Parquet."""

import hashlib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import pandas as pd
from pandas.errors import EmptyDataError, ParserError, ParserWarning

PARQUET = b"PAR1"
COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".zip": "zip"}
SNIFFED_BYTES = 1 << 16
SEPARATORS = ";\t|"
"""The first of these that a header has of which a comma makes one column."""
Watch = Callable[[BinaryIO], BinaryIO]
"""Wraps an open file to see how much of it has been read."""


class BadTable(Exception):
    """A table that nothing can be made of; `str(error)` says why."""


def read_table(path: Path, watch: Watch = lambda file: file) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read a CSV file with a header, or a Parquet file; return it with what is to be known of it.

    Text columns are objects, with NaN for missing.

    Raises:
        BadTable: saying what is the matter with the file.
    """
    try:
        table, remarks = _read(path, watch)
    except (OSError, BadZipFile, EOFError) as error:
        raise BadTable(f"{path} can't be read: {getattr(error, 'strerror', None) or error}") from None
    except EmptyDataError:
        raise BadTable(f"{path} is empty") from None
    except ParserWarning:
        raise BadTable(f"{path} is no CSV file: its rows have more values than its header has names") from None
    except (ParserError, UnicodeError) as error:
        raise BadTable(f"{path} is no CSV file: {str(error).strip()}") from None
    if not len(table):
        raise BadTable(f"{path} has a header but no rows")
    return table.astype({name: object for name in table if table[name].dtype == "str"}), remarks


def _read(path: Path, watch: Watch) -> tuple[pd.DataFrame, tuple[str, ...]]:
    with path.open("rb") as file:
        start = file.read(SNIFFED_BYTES)
    if start.startswith(PARQUET):
        return _read_parquet(path, watch), ()
    compression = COMPRESSIONS.get(path.suffix.lower())
    if compression is None and b"\0" in start:
        raise BadTable(f"{path} is neither CSV, as UTF-8 or Latin-1, nor Parquet")
    try:
        return _read_csv(path, watch, compression, "utf-8"), ()
    except UnicodeDecodeError:
        return _read_csv(path, watch, compression, "latin-1"), (f"{path} is not UTF-8; it was read as Latin-1",)


def _read_csv(path: Path, watch: Watch, compression: str | None, encoding: str) -> pd.DataFrame:
    """Read a CSV file; each column as a whole decides what it holds, not each piece that is read."""

    def read(watch: Watch, separator: str, **options: Any) -> pd.DataFrame:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("error", ParserWarning)
            options |= {"sep": separator, "compression": compression, "encoding": encoding}
            return pd.DataFrame(pd.read_csv(watch(file), **options))

    def header(separator: str) -> list[str]:
        first = read(lambda file: file, separator, header=None, nrows=1, dtype=str)
        return first.iloc[0].dropna().tolist()

    names, separator = header(","), ","
    if len(names) == 1:
        separator = next((character for character in SEPARATORS if character in names[0]), ",")
        names = header(separator)
    _refuse_duplicates(path, names)
    return read(watch, separator, low_memory=False, index_col=False)


def _read_parquet(path: Path, watch: Watch) -> pd.DataFrame:
    from pyarrow import ArrowException, parquet

    try:
        with path.open("rb") as file:
            table = parquet.read_table(watch(file))
        _refuse_duplicates(path, table.column_names)
        return pd.DataFrame(table.to_pandas().reset_index(drop=True))
    except (ArrowException, ValueError, OSError) as error:
        raise BadTable(f"{path} is no Parquet file that can be read: {str(error).splitlines()[0]}") from None


def _refuse_duplicates(path: Path, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadTable(f"{path} has more than one column called {', '.join(map(repr, twice))}")


def sha256_of(path: Path) -> str:
    """Return the fingerprint of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
