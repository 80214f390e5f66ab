"""Dates in the cells of a table: notations, order, zones, and what is no date."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from model_training.data.cells.conversion import convert_column
from model_training.data.cells.reading import Cells, Options

PARSED: dict[str, tuple[list[str], list[str], str]] = {
    "ISO": (["2024-05-01", "2023-12-31"], ["2024-05-01", "2023-12-31"], ""),
    "slashes, year first": (["2024/5/1", "2023/12/31"], ["2024-05-01", "2023-12-31"], "year/month/day"),
    "points": (["01.05.2024", "31.12.2023"], ["2024-05-01", "2023-12-31"], "day.month.year"),
    "American": (["05/01/2024", "12/31/2023"], ["2024-05-01", "2023-12-31"], "month/day/year"),
    "British": (["01/05/2024", "31/12/2023"], ["2024-05-01", "2023-12-31"], "day/month/year"),
    "hyphens": (["01-05-2024", "31-12-2023"], ["2024-05-01", "2023-12-31"], "day-month-year"),
    "with time": (["01.05.2024 08:30", "2.5.2024 23:59:59", "13.5.2024"],
                  ["2024-05-01T08:30", "2024-05-02T23:59:59", "2024-05-13"], "day.month.year"),
    "halves of a day": (["5/13/2024 12:00 AM", "5/13/2024 3:07 pm"],
                        ["2024-05-13", "2024-05-13T15:07"], "month/day/year"),
    "fractions": (["2024-05-01T08:30:00.123456", "1969-12-31T23:59:59.9"],
                  ["2024-05-01T08:30", "1969-12-31T23:59:59"], ""),
}  # fmt: skip


def read(texts: list[Any], **options: Any) -> Cells:
    """Convert cells of text."""
    return convert_column(pa.array(texts, pa.string()), Options("when", **options))


def instants(cells: Cells) -> list[Any]:
    """Return dates as numpy has them, None for a missing one."""
    assert cells.series.dtype == "datetime64[s]"
    return [None if np.isnat(time) else time for time in cells.series.to_numpy()]


@pytest.mark.parametrize("case", PARSED)
def test_the_whole_column_tells_the_notation(case: str) -> None:
    """And where it tells, nothing has to be said."""
    texts, expected, description = PARSED[case]
    cells = read([*texts, "", None])
    assert instants(cells) == [*[np.datetime64(time, "s") for time in expected], None, None]
    assert (cells.format, cells.remarks) == (description, ())


AMBIGUOUS: dict[str, tuple[list[str], dict[str, Any], str, str]] = {
    "slashes": (["01/02/2024"], {}, "2024-01-02",
                "'01/02/2024' is read as 2024-01-02 (--date-order day reads it as 2024-02-01)"),
    "slashes, named": (["01/02/2024"], {"date_order": "day"}, "2024-02-01", ""),
    "points": (["01.02.2024"], {}, "2024-02-01", "(--date-order month reads it as 2024-01-02)"),
    "points, named": (["01.02.2024"], {"date_order": "month"}, "2024-01-02", ""),
    "the same in both": (["05/05/2024", "06/06/2024"], {}, "2024-05-05", ""),
    "evidence against the name": (["01/02/2024", "13/02/2024"], {"date_order": "month"}, "2024-02-01", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_what_can_be_read_in_two_ways_is_said(case: str) -> None:
    """With both readings, and the option that chooses."""
    texts, options, expected, remark = AMBIGUOUS[case]
    cells = read(texts, **options)
    assert instants(cells)[0] == np.datetime64(expected)
    assert remark in "".join(cells.remarks)
    assert bool(cells.remarks) == bool(remark)


def test_times_with_a_zone_are_converted_and_that_is_said() -> None:
    """Those without one are UTC already."""
    cells = read(["2024-05-01T08:30:00+02:00", "2024-05-01T08:30:00Z", "2024-05-01 08:30 -0530", "2024-05-01T08:30"])
    hours = ["2024-05-01T06:30", "2024-05-01T08:30", "2024-05-01T14:00", "2024-05-01T08:30"]
    assert instants(cells) == [np.datetime64(time, "s") for time in hours]
    assert cells.remarks == ("times with a zone are converted to UTC",)


STRANGE = ["2024-05-01", "2024-02-30", "2024-05-03"]


def test_a_few_cells_that_are_no_dates_make_it_text() -> None:
    """Naming one, and the options."""
    cells = read(STRANGE)
    assert cells.series.tolist() == STRANGE
    assert "".join(cells.remarks) == (
        "66.7% of the values are dates, but '2024-02-30' is not: used as text "
        '(--missing "2024-02-30" or --kind when=date makes it missing)'
    )
    assert instants(read(STRANGE, missing=frozenset(["2024-02-30"])))[1] is None


def test_a_named_date_counts_what_is_none() -> None:
    """As missing."""
    cells = read(STRANGE, kind="date")
    assert instants(cells)[1] is None
    assert cells.remarks == ("1 values that are no dates count as missing",)
    assert instants(read(["20240501", "x"], kind="date")) == [np.datetime64("2024-05-01", "s"), None]


@pytest.mark.parametrize(
    "texts", [["20240501"], ["1.5", "2.5"], ["2024-05", "2024-06"], ["12:30", "13:00"], ["1-2-3"], ["a"]]
)
def test_what_is_no_date_stays(texts: list[str]) -> None:
    """Numbers, months, times of day, words."""
    assert read(texts).series.dtype.kind != "M"


def test_dates_can_be_kept_as_text() -> None:
    """By a kind, or for all columns."""
    for options in ({"kind": "text"}, {"kind": "category"}, {"dates": False}):
        assert read(["2024-05-01", "2024-05-02"], **options).series.tolist() == ["2024-05-01", "2024-05-02"]


TYPED: dict[str, tuple[pa.Array, list[str], str]] = {
    "date32": (pa.array([19844, None], pa.date32()), ["2024-05-01"], ""),
    "date64": (pa.array([19844 * 86_400_000, None], pa.date64()), ["2024-05-01"], ""),
    "nanoseconds": (pa.array([1_714_552_200_999_999_999, None], pa.timestamp("ns")), ["2024-05-01T08:30"], ""),
    "before 1970": (pa.array([-1, None], pa.timestamp("ms")), ["1969-12-31T23:59:59"], ""),
    "a zone": (pa.array([1_714_552_200, None], pa.timestamp("s", "Europe/Berlin")),
               ["2024-05-01T08:30"], "converted to UTC"),
    "UTC": (pa.array([1_714_552_200, None], pa.timestamp("s", "UTC")), ["2024-05-01T08:30"], ""),
    "the year 12000": (pa.array([316_516_204_800, 0], pa.timestamp("s")), [], "1 dates before the year 1 or after"),
}  # fmt: skip


@pytest.mark.parametrize("case", TYPED)
def test_types_of_parquet(case: str) -> None:
    """In seconds, floored, in UTC."""
    values, expected, remark = TYPED[case]
    cells = convert_column(values, Options("when", declared=True))
    assert instants(cells)[0] == (np.datetime64(expected[0], "s") if expected else None)
    assert remark in "".join(cells.remarks)
    assert bool(cells.remarks) == bool(remark)


def test_typed_dates_as_text_are_iso() -> None:
    """Without a time if none has one, as the CSV file of the same table."""
    days = pa.array(pd.to_datetime(["2024-05-01", "2024-05-02"]))
    assert convert_column(days, Options("when", kind="text")).series.tolist() == ["2024-05-01", "2024-05-02"]
    assert convert_column(days, Options("when", kind="category")).series.tolist() == ["2024-05-01", "2024-05-02"]
