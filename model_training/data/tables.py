"""Reading tables that people bring: CSV and Parquet."""

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
"""The first of these that a header has of which a comma makes one column."""
Watch = Callable[[BinaryIO], BinaryIO]
"""Wraps an open file to see how much of it has been read."""


def read_table(path: Path, watch: Watch = lambda file: file) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read a CSV file with a header, or a Parquet file; return it with what is to be known of it.

    Text columns are objects, with NaN for missing.

    Raises:
        BadTable: saying what is the matter with the file.
    """
    with told(path):
        table, remarks = _read(path, watch)
    if not len(table):
        raise BadTable(f"{path} has a header but no rows")
    return table.astype({name: object for name in table if table[name].dtype == "str"}), remarks


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Say in a sentence what pandas or the disk says."""
    try:
        yield
    except (OSError, BadZipFile, EOFError) as error:
        raise BadTable(f"{path} can't be read: {getattr(error, 'strerror', None) or error}") from None
    except EmptyDataError:
        raise BadTable(f"{path} is empty") from None
    except ParserWarning:
        raise BadTable(f"{path} is no CSV file: its rows have more values than its header has names") from None
    except (ParserError, UnicodeError) as error:
        raise BadTable(f"{path} is no CSV file: {str(error).strip()}") from None


def start_of(path: Path) -> tuple[bytes, str | None]:
    """Return how a file begins, and by what it is compressed."""
    with path.open("rb") as file:
        start = file.read(SNIFFED_BYTES)
    compression = COMPRESSIONS.get(path.suffix.lower())
    if compression is None and b"\0" in start and not start.startswith(PARQUET):
        raise BadTable(f"{path} is neither CSV, as UTF-8 or Latin-1, nor Parquet")
    return start, compression


def _read(path: Path, watch: Watch) -> tuple[pd.DataFrame, tuple[str, ...]]:
    start, compression = start_of(path)
    if start.startswith(PARQUET):
        return _read_parquet(path, watch), ()
    try:
        return _read_csv(path, watch, compression, "utf-8"), ()
    except UnicodeDecodeError:
        return _read_csv(path, watch, compression, "latin-1"), (f"{path} is not UTF-8; it was read as Latin-1",)


def _read_csv(path: Path, watch: Watch, compression: str | None, encoding: str) -> pd.DataFrame:
    """Read a CSV file; each column as a whole decides what it holds, not each piece that is read."""
    dialect = dialect_of(path, compression, encoding)
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("error", ParserWarning)
        return pd.DataFrame(pd.read_csv(watch(file), low_memory=False, index_col=False, **dialect))


def dialect_of(path: Path, compression: str | None, encoding: str) -> dict[str, Any]:
    """Tell pandas how a CSV file is written, which its header shows."""
    dialect: dict[str, Any] = {"compression": compression, "encoding": encoding}

    def header(separator: str) -> list[str]:
        with path.open("rb") as file:
            first = pd.read_csv(file, sep=separator, header=None, nrows=1, dtype=str, **dialect)
        return pd.DataFrame(first).iloc[0].dropna().tolist()

    names, separator = header(","), ","
    if len(names) == 1:
        separator = next((character for character in SEPARATORS if character in names[0]), ",")
        names = header(separator)
    refuse_duplicates(path, names)
    return {"sep": separator, **dialect}


def _read_parquet(path: Path, watch: Watch) -> pd.DataFrame:
    from pyarrow import ArrowException, parquet

    try:
        with path.open("rb") as file:
            table = parquet.read_table(watch(file))
        refuse_duplicates(path, table.column_names)
        return pd.DataFrame(table.to_pandas().reset_index(drop=True))
    except (ArrowException, ValueError, OSError) as error:
        raise BadTable(f"{path} is no Parquet file that can be read: {str(error).splitlines()[0]}") from None


def refuse_duplicates(path: Path, names: list[str]) -> None:
    """Raise BadTable where two columns have one name."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadTable(f"{path} has more than one column called {', '.join(map(repr, twice))}")


def sha256_of(path: Path) -> str:
    """Return the fingerprint of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
