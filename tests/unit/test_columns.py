"""How each column of a table is used as a feature, or why it is left out."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model_training.data.cells.reading import WantedKind
from model_training.data.columns import MAX_CATEGORIES, prepare_column
from model_training.data.kinds import Column

ROWS = 40


def taken(values: Any, *, name: str = "x", kind: WantedKind | None = None, dtype: Any = None, y: Any = None) -> Column:
    """Prepare a column of these values."""
    target = None if y is None else pd.Series(y, name="late")
    return prepare_column(pd.Series(values, name=name, dtype=dtype), kind=kind, y=target)


TAKEN: dict[str, tuple[Any, Any, str]] = {
    "whole numbers": (range(ROWS), None, "integer"),
    "unsigned": (range(ROWS), "uint8", "integer"),
    "whole numbers with a gap": ([*range(ROWS), None], "Int64", "number"),
    "fractions": ([0.5, 0.25, np.nan], None, "number"),
    "decimals": ([Decimal("0.5"), Decimal("0.25"), None], object, "number"),
    "truth": ([True, False], None, "boolean"),
    "truth with a gap": ([True, False, None], object, "boolean"),
    "text": (["b", "a", None], object, "categories"),
    "pandas' categories": (["b", "a"], "category", "categories"),
    "categories of numbers": ([1, 2], "category", "integer"),
    "a mixture": ([1, "a", 2.5, None], object, "categories"),
}


DTYPES = {"truth with a gap": object}


@pytest.mark.parametrize("case", TAKEN)
def test_the_values_tell_the_kind(case: str) -> None:
    """Of whatever type of pandas they are; text is sorted."""
    values, dtype, kind = TAKEN[case]
    column = taken(values, dtype=dtype)
    assert column.kind == kind
    assert column.series.dtype == DTYPES.get(
        case, {"integer": "int64", "number": "float64", "boolean": bool}.get(kind, object)
    )
    assert list(column.categories) == sorted(column.categories)
    assert column.missing == pd.Series(values, dtype=dtype).isna().sum()


CODES = [10_000 + 101 * i for i in range(300)]
IDENTIFIERS: dict[str, tuple[Any, str, WantedKind]] = {
    "a counter": ([*range(7, 207)], "200 distinct values in 200 rows, as an identifier has", "number"),
    "two notations": (["2024-01-01", *[f"1{i % 7}.0{1 + i % 9}.2024" for i in range(63)]], "in several", "category"),
    "sentences": ([f"a parcel of {i} kilograms" for i in range(250)], "free text (250 distinct values", "category"),
    "constant": ([3] * ROWS, "the same value in every row", "number"),
}


@pytest.mark.parametrize("case", IDENTIFIERS)
def test_what_is_no_feature_is_left_out_and_can_be_kept(case: str) -> None:
    """The reason names the option that keeps it, which does."""
    values, reason, kind = IDENTIFIERS[case]
    column = taken(values, name="a b")
    assert (column.used, reason in column.remark) == (False, True)
    assert f"(--kind 'a b={kind}' keeps it)" in column.remark
    assert taken(values, kind=kind).used


def test_no_option_is_named_for_text_that_no_option_keeps() -> None:
    """Of a thousand names each once, none would be a category."""
    assert "--kind" not in taken([f"person {i}" for i in range(1000)]).remark


@pytest.mark.parametrize(
    "values",
    [range(99), [3 * i for i in range(200)], [*range(150), *range(150)], [f"shop {i % 80}" for i in range(100)]],
)
def test_what_could_be_a_feature_is_one(values: Any) -> None:
    """Few rows, numbers with gaps between them, values that repeat."""
    assert taken(values).used


def test_numbers_of_one_width_are_codes() -> None:
    """If there are many of them; years and round amounts are not, and the user decides."""
    column = taken(CODES * 12)
    assert (column.kind, column.series[0]) == ("categories", "10000")
    assert "all its values have 5 digits" in column.remark
    assert "--kind x=number" in column.remark
    assert taken(CODES * 12, kind="number").kind == "integer"
    assert taken([1900 + i % 125 for i in range(500)]).kind == "integer"
    assert taken([*CODES * 12, 7]).kind == "integer"
    assert taken([10 * code for code in CODES] * 12).kind == "integer"


COPIES: dict[str, tuple[Any, Any]] = {
    "the same": (["a", "b"] * 20, ["a", "b"] * 20),
    "others for the same": ([1.5, 7.0, None] * 20, ["x", "y", "z"] * 20),
    "truth for words": ([True, False] * 20, ["late", "early"] * 20),
    "another unit": ([60.0 * i for i in range(40)], [float(i) for i in range(40)]),
}


@pytest.mark.parametrize("case", COPIES)
def test_a_copy_of_the_target_is_left_out(case: str) -> None:
    """Whatever its values are called; one row that differs makes a feature of it."""
    values, y = COPIES[case]
    assert "a copy of the target 'late' (--kind x=" in taken(values, y=y).remark
    assert taken([*values, values[0]], y=[*y, y[1]]).used


def test_a_column_can_be_dropped() -> None:
    """Saying so."""
    assert taken(range(ROWS), kind="drop").remark == "--kind x=drop drops it"


LEFT_OUT: dict[str, tuple[Any, str]] = {
    "constant": ([3] * ROWS, "same value in every row"),
    "nothing": ([np.nan] * ROWS, "all its values are missing"),
    "nothing but infinity": ([np.inf, -np.inf], "all its values are missing"),
    "times of day": ([dt.time(12, 30), dt.time(13, 30)], "times without a date, or durations"),
    "durations": (pd.to_timedelta([1, 2], unit="h"), "times without a date, or durations"),
    "lists": ([[1], [2]], "neither numbers nor text"),
    "complex numbers": ([1j, 2j], "neither numbers nor text"),
    "names": ([f"person {i}" for i in range(MAX_CATEGORIES + 1)], "256 distinct values"),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_nothing_is_learnt_from_some(case: str) -> None:
    """And why is said."""
    values, reason = LEFT_OUT[case]
    column = taken(values)
    assert not column.used
    assert reason in column.remark


@pytest.mark.parametrize("name", ["Unnamed: 0", "", "n" * 129, 'a"b', "a\nb"])
def test_a_column_that_no_caller_could_name_is_left_out(name: str) -> None:
    """As JSON could not hold it, or it has no name."""
    assert "name" in taken(range(ROWS), name=name).remark


def test_of_many_categories_the_frequent_are_kept() -> None:
    """Of 10,000 those of at least ten rows, at most 255; the others stay as they are, and are like unknown values."""
    values = [*(f"rare {i}" for i in range(10_000)), *(f"often {i % 300:03}" for i in range(12_000)), *["most"] * 50]
    column = taken(values)
    assert len(column.categories) == MAX_CATEGORIES
    assert "most" in column.categories
    assert all(category == "most" or str(category).startswith("often") for category in column.categories)
    assert column.series.tolist() == values
    assert "10,301 distinct values" in column.remark
    assert f"the others, in {10_000 + (300 - 254) * 40:,} rows, are treated like unknown values" in column.remark


def test_whole_numbers_are_categories_where_told_so() -> None:
    """As numbers; as text where some are missing."""
    assert taken([3, 1, 2], kind="category").categories == (1, 2, 3)
    column = taken([3, 1, None], kind="category")
    assert column.categories == ("1", "3")
    assert column.missing == 1


def test_numbers_that_went_wrong_are_pointed_out() -> None:
    """A column of text that is mostly numbers names one that is none; text is nothing to speak of."""
    assert "'n/k' is not" in taken(["1", "2", "3.5", "n/k"]).remark
    assert taken(["a", "b", "1"]).remark == ""


def test_infinite_numbers_count_as_missing() -> None:
    """No caller could send them."""
    column = taken([1.5, np.inf, 1e31, 2.5])
    assert column.missing == 2
    assert column.remark.startswith("2 values")


def test_numbers_keep_their_precision() -> None:
    """They are double; integers beyond what int64 holds are numbers."""
    assert taken([0.1, 1 / 3]).series.tolist() == [0.1, 1 / 3]
    assert taken([2**24 + 1, 2**53 + 1]).series.tolist() == [2**24 + 1, 2**53 + 1]
    assert taken([2**63 - 1, 5]).kind == "number"


DATES: dict[str, tuple[Any, str, str]] = {
    "days": (pd.date_range("2013-01-30", periods=3), "2013-01-30 to 2013-02-01", "year, month, weekday, days"),
    "times": (
        pd.date_range("2013-01-01", periods=3, freq="h"),
        "2013-01-01T00:00:00Z to 2013-01-01T02:00:00Z",
        "year, month, weekday, hour, days",
    ),
    "a zone": (
        pd.date_range("2013-01-01", periods=2, tz="Europe/Berlin"),
        "2012-12-31T23:00:00Z to 2013-01-01T23:00:00Z",
        "year, month, weekday, hour, days",
    ),
    "dates of Python": ([dt.date(1, 1, 1), None, dt.date(9999, 12, 31)], "0001-01-01 to 9999-12-31",
                        "year, month, weekday, days"),
}  # fmt: skip


@pytest.mark.parametrize("case", DATES)
def test_dates_become_parts(case: str) -> None:
    """With an hour only if there are times; all in UTC, whichever year."""
    values, summary, parts = DATES[case]
    column = taken(values)
    assert (column.kind, column.use, column.summary) == ("date", f"date: {parts}", summary)
    assert column.series.dtype == "datetime64[s]"


def test_dates_are_left_out_on_demand() -> None:
    """Unless the kind of one is named."""
    values = pd.Series(pd.date_range("2013-01-01", periods=ROWS), name="when")
    left = prepare_column(values, drop_dates=True)
    assert (left.used, left.remark) == (False, "--dates drop leaves dates out (--kind when=date keeps it)")
    assert prepare_column(values, kind="date", drop_dates=True).used
