"""Reading tables of any length piece by piece."""

import codecs
import csv
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import pandas as pd
from pandas.errors import ParserWarning

from model_training.data.errors import BadTable
from model_training.data.tables import PARQUET, SNIFFED_BYTES, Watch, dialect_of, refuse_duplicates, start_of, told


def pieces(path: Path, watch: Watch, rows: int) -> Iterator[pd.DataFrame]:
    """Read a table piece by piece: of CSV every cell is its text, of Parquet it is a value or None.

    Raises:
        BadTable: saying what is the matter with the file.
    """
    some = False
    with told(path):
        start, compression = start_of(path)
        if start.startswith(PARQUET):
            read = _parquet_pieces(path, watch, rows)
        else:
            read = _csv_pieces(path, watch, rows, dialect_of(path, compression, _encoding(path, compression)))
        for piece in read:
            if len(piece):
                some = True
                yield piece
    if not some:
        raise BadTable(f"{path} has a header but no rows")


def place_of(path: Path, row: int) -> str:
    """Say where a row is: on which line of a CSV file it begins, else its number."""
    start, compression = start_of(path)
    line = None
    if compression is None and not start.startswith(PARQUET):
        encoding = _encoding(path, compression)
        separator = dialect_of(path, compression, encoding)["sep"]
        with path.open(encoding=encoding, newline="") as file:
            line = next(islice(_lines(file, separator), row + 1, None), None)  # The header is the first.
    return f"row {row + 1}" if line is None else f"line {line}"


def _lines(file: TextIO, separator: str) -> Iterator[int]:
    """Tell on which line each record begins; like pandas, pass over lines that are blank."""
    reader, line = csv.reader(file, delimiter=separator), 1
    try:
        for record in reader:
            if len(record) > 1 or record == [""] or "".join(record).strip(" \t"):
                yield line
            line = reader.line_num + 1
    except csv.Error:  # A cell longer than the module takes.
        return


def _encoding(path: Path, compression: str | None) -> str:
    """Tell whether a CSV file is UTF-8, all of it; a compressed one must be."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while not compression and (content := file.read(SNIFFED_BYTES)):
                decoder.decode(content)
        except UnicodeDecodeError:
            return "latin-1"
    return "utf-8"


def _csv_pieces(path: Path, watch: Watch, rows: int, dialect: dict[str, Any]) -> Iterator[pd.DataFrame]:
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("error", ParserWarning)
        options: dict[str, Any] = {"dtype": object, "keep_default_na": False, "index_col": False, **dialect}
        with pd.read_csv(watch(file), chunksize=rows, **options) as read:
            yield from read


def _parquet_pieces(path: Path, watch: Watch, rows: int) -> Iterator[pd.DataFrame]:
    from pyarrow import ArrowException, parquet

    try:
        with path.open("rb") as file:
            table = parquet.ParquetFile(watch(file))
            refuse_duplicates(path, table.schema_arrow.names)
            done = 0
            for batch in table.iter_batches(rows):
                values = {name: column.to_pylist() for name, column in zip(batch.schema.names, batch, strict=True)}
                index = pd.RangeIndex(done, done := done + batch.num_rows)
                yield pd.DataFrame(values, index=index, dtype=object)
    except (ArrowException, ValueError) as error:
        raise BadTable(f"{path} is no Parquet file that can be read: {str(error).splitlines()[0]}") from None
