"""How the page reads the cells of a table, compared with `taxiway score`, column by column."""

import base64
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pyarrow as pa
import pytest
from msgspec import UNSET

from function.model.checks import REFUSED, Cell
from function.model.manifest import Feature
from function.model.schema import value_type
from model_training.data.cells.reading import Options
from model_training.data.errors import BadTable
from model_training.scoring.cells import convert_cells
from model_training.scoring.chunks import locate_row, read_chunks
from model_training.scoring.notations import find_notations, noted_features
from tests.browser.chromium import Browser
from tests.support.function_process import FunctionProcess

READ = """
    const [columns, done] = arguments;
    import("/assets/table/cells.js").then(({ readCells }) => {
        done(columns.map(({ feature, cells, options }) => {
            const counts = new Map();
            for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1);
            const { values, remarks, doubt } = readCells(feature, counts, options);
            return { values: cells.map((cell) => values.get(cell).json ?? null), remarks, doubt };
        }));
    });
"""
PARSE = """
    const [files, done] = arguments;
    const modules = ["csv", "source"].map((name) => import(`/assets/table/${name}.js`));
    Promise.all(modules).then(([{ parse }, { readText }]) => {
        const read = async (base64) => {
            const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
            const { text } = await readText(new File([bytes], "table.csv"));
            const { names, rows, lines } = await parse(text, new Set());
            return { names, rows, lines };
        };
        return Promise.all(files.map((file) => read(file).catch((error) => error.message)));
    }).then(done);
"""
FILES = [
    b"a,b\n1,2\n3,4\n",
    b"a,b\r\n1,2\r\n3,4",
    b"a,b\r1,2\r3,4\r",
    b"\xef\xbb\xbfa,b\n1,2\n",
    b'"a","b"\n"1,5","x ""y"" z"\n"two\nlines","\r\n"\n7,8\n',
    b'a,b\n"x"y,z"w"\n "q",""\n',
    b"a,b\n\n1,2\n   \n3,4\n\n",
    b"a,b,c\n1,2\n3,4,5\n",
    b"a;b\n1,5;2\n",
    b"a\tb\n1\t \n",
    b"a|b\n1|2\n",
    b"a\n1\n\n2\n",
    b"a,b\n,\n1,\n",
    "\u00e4,b\nS\u00e3o,\u20ac\n".encode(),
    "\u00e4,b\nS\u00e3o,\u00f1\n".encode("latin-1"),
    b"a,b\n1,2,3\n",
    b"a,a\n1,2\n",
    b"a,b\n",
    b"",
    b"\n\n",
    b'a,b\n1,"2\n3,4\n',
    b"a,b\n1,\x002\n",
    b"a,b,\n1,2,\n",
    "a\tb\r\nS\u00e3o\t2\r\n".encode("utf-16"),
]
"""Files of every dialect, and files that are no table."""
OURS_ALONE = {FILES[15]: [["1", "2", "3"]], FILES[-1]: [["S\u00e3o", "2"]]}
"""Files that only the page reads: a row of too many cells is an error of this row alone, and UTF-16 is text."""
NUMBER, WHOLE = Feature("n", "number"), Feature("n", "integer")
GAPS = Feature("n", "number", nullable=True)
MONTH = Feature("n", "integer", categories=(1, 2, 12))
OPEN_MONTH = Feature("n", "integer", categories=(1, 2, 12), nullable=True, unknown="open")
TEXT = Feature("n", "string", categories=("NA", "007", "7", "São", " x"))
OPEN = Feature("n", "string", categories=("NA", "007"), nullable=True, unknown="open")
FLAG = Feature("n", "boolean")
DAY, TIME = Feature("n", "string", format="date"), Feature("n", "string", format="date-time", nullable=True)
NUMBERS = [
    ["1", "2.5", "-3", "+4", ".5", "5.", "1e3", "1E-2", " 7 ", "007", "-0"],
    ["1,5", "2", "3,25"],
    ["1.234,5", "7", "-1.000"],
    ["1,234", "999"],
    ["1.234", "999"],
    ["1,234", "1,5"],
    ["1,234.50", "12"],
    ["1 234,5", "12"],
    ["1\u202f234", "1\u00a0234"],
    ["1'234.5", "1\u2019234"],
    ["€ 12.50", "€3", "-€4", "5 €"],
    ["12 %", "3%"],
    ["$1,234", "$5"],
    ["12 CHF", "3 CHF", "7"],
    ["\u22125", "3"],
    ["--5", "3"],
    ["1,5", "x", "2,5", "3,5"],
    ["1.5", "2,5"],
    ["1.234", "2.345"],
    ["1e5", "1,5"],
    ["abc", "1"],
    ["", " ", "3"],
    ["1_000", "1"],
    ["True", "1"],
    ["0x10", "1"],
    ["1.0", "2.0"],
    ["9007199254740993", "1"],
    ["0.1", "0.30000000000000004", "1.7976931348623157e+29"],
    ["1e31", "1"],
    ["inf", "-Infinity", "2"],
    ["(5)", "6"],
    ["1,000,000", "2,500"],
    ["1,00,000", "2"],
    ["1.000.000", "2"],
    ["€5", "$6", "£7"],
]
TEXTS = [["NA", "007", "7", "São", " x", "x", "+7", "7 ", "", " "], ["null", "NaN", "-", "0007"]]
FLAGS = [["true", "FALSE", "Yes", "no", "1", "0"], ["wahr", "1", ""], ["t", "f"]]
DATES = [
    ["2024-05-31", "2024-02-29", "2023-02-29"],
    ["31.05.2024", "01.02.2024"],
    ["01/02/2024", "03/04/2024"],
    ["01/02/2024", "31/12/2024"],
    ["5/31/2024 1:45 PM", "5/1/2024 12:00 am"],
    ["2024-05-31T13:45:00Z", "2024-05-31 15:45+02:00", "2024-05-31T23:59:59.123-0530"],
    ["20240531", "20241301"],
    ["2024/5/1", "2024/12/31"],
    ["1-2-2024", "3-4-2024"],
    ["31.05.2024 00:00", "1.6.2024"],
    ["0099-01-01", "0001-01-01"],
    ["yesterday", ""],
    ["31.05.2024", "1.6.2024", "2024-06-02", "2024-6-2", " 2024-06-02", "2024-06-02T10:00Z", "2024-06-02 9:00"],
    ["2024-05-31 24:00", "2024-05-31 23:60"],
    ["2024-01-01T00:30+01:00", "2024-12-31T23:30-01:00"],
]
USUAL = [{}, {"usual": ","}, {"decimal": ","}, {"decimal": "."}, {"kind": "number"}]
CASES: list[tuple[Feature, list[str], dict[str, Any]]] = [
    *(
        (feature, cells, given)
        for feature in (NUMBER, WHOLE, GAPS, MONTH, OPEN_MONTH)
        for cells in NUMBERS
        for given in USUAL
    ),
    *(
        (feature, cells, given)
        for feature in (TEXT, OPEN)
        for cells in TEXTS
        for given in ({}, {"missing": ["NA", "-"]})
    ),
    *((FLAG, cells, given) for cells in FLAGS for given in ({}, {"kind": "boolean"})),
    *(
        (feature, cells, given)
        for feature in (DAY, TIME)
        for cells in DATES
        for given in ({}, {"date_order": "day"}, {"date_order": "month"}, {"kind": "date"})
    ),
]


@pytest.fixture(scope="module")
def page(browser: Browser, bundle_path: Path) -> Iterator[Browser]:
    """The page of a running function."""
    with FunctionProcess({"MODEL_URI": str(bundle_path)}) as running:
        browser.open(running.url)
        yield browser


def read(page: Browser, cases: Sequence[tuple[Feature, list[str], dict[str, Any]]]) -> list[dict[str, Any]]:
    """Let the page read columns: the JSON of each value, and null for what is none."""
    columns = [
        {"feature": msgspec.to_builtins(feature), "cells": cells, "options": {"missing": [], "usual": ".", **given}}
        for feature, cells, given in cases
    ]
    found: list[dict[str, Any]] = page.driver.execute_async_script(READ, columns)
    return found


def expected(feature: Feature, cells: list[str], given: dict[str, Any]) -> list[Any]:
    """Read a column as `taxiway score` does; what the model does not accept is UNSET."""
    options = Options("n", **{**given, "missing": frozenset(given.get("missing", ()))})
    noted = noted_features([feature])
    notations = find_notations(iter([dict.fromkeys(noted, pa.array(cells))]), noted, {"n": options})
    values = convert_cells(cells, feature, options, notations.get("n"))
    return [accepted(value, feature) for value in values]


def accepted(value: Any, feature: Feature) -> Any:
    """Return a value that a caller may send as the service has it, or UNSET."""
    found = Cell(value_type(feature), feature).accept(value)
    return UNSET if found is REFUSED else found


def test_cells_are_read_as_score_reads_them(page: Browser) -> None:
    """Each cell of each column to the same value, or to none in both; a number to the last digit."""
    different = []
    for (feature, cells, given), found in zip(CASES, read(page, CASES), strict=True):
        ours = [UNSET if text is None else accepted(json.loads(text), feature) for text in found["values"]]
        theirs = expected(feature, cells, given)
        if repr(ours) != repr(theirs) and not all(map(same, ours, theirs)):
            different.append((feature.type, feature.format, feature.nullable, cells, given, ours, theirs))
    assert different == []


def same(one: Any, other: Any) -> bool:
    """7.0 is 7, and nothing else is anything else."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


@pytest.mark.parametrize(
    ("feature", "cells", "given", "remarks", "doubt"),
    [
        (
            NUMBER,
            ["1,234", "999"],
            {},
            ["a comma between thousands", "“1,234” is read as 1234, and not as 1.234"],
            "decimal",
        ),
        (NUMBER, ["1.234", "999"], {}, ["“1.234” is read as 1.234, and not as 1234"], "decimal"),
        (NUMBER, ["€ 1.234,5", "7"], {}, ["numbers have a decimal comma, a point between thousands, €"], None),
        (NUMBER, ["1.5", "x"], {}, [], None),
        (GAPS, ["5", "x", "y"], {"kind": "number"}, ["values such as “x”, in 2 rows, count as missing"], None),
        (GAPS, ["1e31", "5"], {}, ["values such as “1e31”, in 1 row, count as missing"], None),
        (
            DAY,
            ["01/02/2024"],
            {},
            ["dates are month/day/year", "is read as 2024-01-02, and not as 2024-02-01"],
            "date_order",
        ),
        (DAY, ["01/02/2024", "x"], {}, ["dates are month/day/year", "and not as 2024-02-01"], "date_order"),
        (DAY, ["31.05.2024"], {}, ["dates are day.month.year"], None),
        (TIME, ["2024-05-31T00:30+02:00"], {}, ["times with a zone are converted to UTC"], None),
        (TIME, ["2024-05-31T00:30:00Z", ""], {}, [], None),
        (TEXT, ["+7", "NA"], {}, ["values such as “+7”, in 1 row, are read as their digits alone"], None),
        (OPEN, ["NA", "x"], {}, ["values such as “x”, in 1 row, are unknown to the model"], None),
        (OPEN, ["NA", "007"], {"missing": ["NA"]}, ["values such as “NA”, in 1 row, count as missing"], None),
        (Feature("n", "any"), ["7", "8.5"], {}, ["read as numbers, because"], None),
        (Feature("n", "any"), ["7", "08"], {}, ["read as text, because"], None),
    ],
)
def test_what_is_changed_is_said(
    page: Browser, feature: Feature, cells: list[str], given: dict[str, Any], remarks: list[str], doubt: str | None
) -> None:
    """Every value that is not its cell's text or plain number, and what could be meant otherwise; nothing else."""
    (found,) = read(page, [(feature, cells, given)])
    assert found["doubt"] == doubt
    assert len(found["remarks"]) == len(remarks)
    assert all(part in remark for part, remark in zip(remarks, found["remarks"], strict=True)), found["remarks"]


def test_files_are_parsed_as_score_parses_them(page: Browser, tmp_path: Path) -> None:
    """To the same cells, on the same lines; or both refuse the file."""
    parsed = page.driver.execute_async_script(PARSE, [base64.b64encode(each).decode() for each in FILES])
    for content, found in zip(FILES, parsed, strict=True):
        path = tmp_path / "table.csv"
        path.write_bytes(content)
        frame = table_of(path)
        if frame is None:
            assert isinstance(found, str) or found["rows"] == OURS_ALONE[content], (content, found)
            continue
        names = ["" if name.startswith("Unnamed: ") else name for name in map(str, frame.columns)]
        assert names == found["names"], content
        rows = [[*row, *[""] * (len(names) - len(row))] for row in found["rows"]]
        assert frame.fillna("").to_numpy().tolist() == rows, content
        if b"\r" not in content.replace(b"\r\n", b""):
            assert [locate_row(path, row) for row in range(len(rows))] == [f"line {line}" for line in found["lines"]]


def table_of(path: Path) -> pd.DataFrame | None:
    """Read a file as `taxiway score` does; None if it refuses the file."""
    try:
        return pd.concat(read_chunks(path, lambda file: file, 1000))
    except BadTable:
        return None
