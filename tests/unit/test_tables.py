"""Files that people bring as tables are read, or refused in a sentence."""

import gzip
import io
from pathlib import Path

import pandas as pd
import pytest

from model_training.data.errors import BadTable
from model_training.data.tables import read_table


def read(folder: Path, content: bytes, name: str = "table.csv") -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read a file of these bytes."""
    path = folder / name
    path.write_bytes(content)
    table = read_table(path)
    return table.frame, table.remarks


READ = {
    "commas": ("table.csv", b"a,b\n1,x\n2,\n"),
    "semicolons": ("table.csv", b"a;b\n1;x\n2;\n"),
    "tabs and carriage returns": ("table.tsv", b"a\tb\r\n1\tx\r\n2\t\r\n"),
    "a byte order mark": ("table.csv", b"\xef\xbb\xbfa,b\n1,x\n2,\n"),
    "quotes": ("table.csv", b'"a","b"\n"1","x"\n2,\n'),
    "a row too short": ("table.csv", b"a,b\n1,x\n2\n"),
    "a pair of quotes": ("table.csv", b'a,b\n1,x\n2,""\n'),
    "gzip": ("table.csv.gz", gzip.compress(b"a,b\n1,x\n2,\n")),
}


@pytest.mark.parametrize("case", READ)
def test_a_csv_file_is_read_however_it_is_written(tmp_path: Path, case: str) -> None:
    """The same table, with text as objects and NaN for missing."""
    name, content = READ[case]
    table, remarks = read(tmp_path, content, name)
    assert table.to_dict("list")["a"] == [1, 2]
    assert table["b"].dtype == object
    assert table["b"].isna().tolist() == [False, True]
    assert remarks == ()


def test_latin_1_is_read_with_a_remark(tmp_path: Path) -> None:
    """The year keeps its name, the airport its accent."""
    table, remarks = read(tmp_path, "AÑO,SIGLAORI\n2017,Concepción\n".encode("latin-1"))
    assert table.to_dict("records") == [{"AÑO": 2017, "SIGLAORI": "Concepción"}]
    assert "Latin-1" in remarks[0]


def test_a_column_holds_the_same_all_the_way_down(tmp_path: Path) -> None:
    """Text after a million numbers makes text of them all."""
    table, _ = read(tmp_path, b"a,b\n" + b"1,2\n" * 1_000_000 + b"x,2\n")
    assert set(map(type, table["a"])) == {str}


def test_a_parquet_file_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    """Its index, if pandas wrote one, is no column."""
    buffer = io.BytesIO()
    pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=[7, 8]).to_parquet(buffer)
    table, _ = read(tmp_path, buffer.getvalue(), "table")
    assert table["a"].tolist() == [1, 2]
    assert table["b"].dtype == object
    assert table.index.tolist() == [0, 1]


def test_what_is_read_can_be_watched(tmp_path: Path) -> None:
    """Every byte goes through the file that watches, and not all at once."""
    sizes = []

    class Watched(io.FileIO):
        def read(self, size: int | None = -1) -> bytes:
            block = super().read(-1 if size is None else size)
            sizes.append(len(block))
            return block

    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 1_000_000)
    read_table(path, lambda file: Watched(file.name))
    assert sum(sizes) == path.stat().st_size
    assert max(sizes) < path.stat().st_size / 10


REFUSED = {
    "empty": (b"", "is empty"),
    "blank": (b"\n\n", "is empty"),
    "no rows": (b"a,b\n", "no rows"),
    "a name twice": (b"a,b,a\n1,2,3\n", "duplicate column names"),
    "rows too long": (b"a,b\n1,2,3\n", "more values than the header has columns"),
    "a row too long": (b"a,b\n1,2\n1,2,3\n", "line 3"),
    "an open quote": (b'a,b\n"1,2\n', "not a valid CSV file"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "neither CSV"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "neither CSV"),
    "half of Parquet": (b"PAR1 and no more", "not a valid Parquet file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_table_is_refused(tmp_path: Path, case: str) -> None:
    """With the name of the file, and the problem."""
    content, reason = REFUSED[case]
    with pytest.raises(BadTable, match=reason) as caught:
        read(tmp_path, content)
    assert "table.csv" in str(caught.value)


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_what_can_not_be_opened_is_refused(tmp_path: Path, name: str) -> None:
    """A file that is not there, and a folder."""
    with pytest.raises(BadTable, match="can't be read"):
        read_table(tmp_path / name)


def test_what_is_not_compressed_as_its_name_says_is_refused(tmp_path: Path) -> None:
    """Not read as something else."""
    with pytest.raises(BadTable, match="can't be read"):
        read(tmp_path, b"a,b\n1,2\n", "table.csv.gz")
