"""From cells to values: what is missing, what is a number in which notation, and what stays text."""

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from model_training.data.cells.conversion import convert_column
from model_training.data.cells.reading import Cells, Options, WantedKind


def read(values: Any, type: Any = None, **options: Any) -> Cells:
    """Convert cells, which are text unless another type is given."""
    return convert_column(pa.array(values, type), Options("x", **options))


def listed(cells: Cells) -> list[Any]:
    """Return the values, with None for missing."""
    return cells.series.astype(object).where(cells.series.notna(), None).tolist()


NUMBERS: dict[str, tuple[list[str], list[Any], str]] = {
    "plain": (["1", "-2.5", "+3", "1e3", ".5", " 7 "], [1, -2.5, 3, 1000, 0.5, 7], ""),
    "whole": (["1", "-2"], [1, -2], ""),
    "with gaps": (["1", "", " "], [1, None, None], ""),
    "infinite": (["1", "inf"], [1, float("inf")], ""),
    "a thousands comma": (["1,234.50", "12.5", "1,000,000"], [1234.5, 12.5, 1_000_000], "thousands comma"),
    "a decimal comma": (["1.234,50", "-5,5", "12"], [1234.5, -5.5, 12], "decimal comma, thousands point"),
    "a space": (["1 234,50", "1\u00a0234,5", "9"], [1234.5, 1234.5, 9], "decimal comma, thousands space"),
    "an apostrophe": (["1'234.50", "1\u2019000"], [1234.5, 1000], "thousands apostrophe"),
    "a comma alone": (["12,5", "3,25"], [12.5, 3.25], "decimal comma"),
    "a currency before": (["€ 12.50", "€3", "-€4", "€-4"], [12.5, 3, -4, -4], "€"),
    "a currency after": (["12 CHF", "13.50 CHF"], [12, 13.5], "CHF"),
    "all at once": (["1.234,50 €", "\u22125 €"], [1234.5, -5], "decimal comma, thousands point, €"),
    "percent": (["12 %", "3.5%"], [12, 3.5], "percent"),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_are_read_in_their_notation(case: str) -> None:
    """Which is named; nothing else is remarked on."""
    texts, numbers, notation = NUMBERS[case]
    cells = read(texts)
    assert (listed(cells), cells.format, cells.remarks) == (numbers, notation, ())


AMBIGUOUS: dict[str, tuple[list[str], dict[str, Any], list[float], str]] = {
    "a comma": (["1,234", "2,000"], {}, [1234, 2000], "'1,234' is read as 1234 (--decimal \",\" reads it as 1.234)"),
    "a comma among semicolons": (["1,234"], {"usual": ","}, [1.234], '--decimal "." reads it as 1234'),
    "a comma, decided": (["1,234"], {"decimal": ","}, [1.234], ""),
    "a point": (["1.234", "999"], {}, [1.234, 999], '--decimal "," reads it as 1234'),
    "a point, decided": (["1.234", "999"], {"decimal": ","}, [1234, 999], ""),
    "three decimals": (["1.234", "2.500"], {}, [1.234, 2.5], ""),
    "no thousands": (["0.234", "999"], {}, [0.234, 999], ""),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_numbers_that_can_be_read_in_two_ways_are_remarked_on(case: str) -> None:
    """With both readings and the option that chooses."""
    texts, options, numbers, remark = AMBIGUOUS[case]
    cells = read(texts, **options)
    assert listed(cells) == numbers
    assert remark in "".join(cells.remarks)
    assert bool(cells.remarks) == bool(remark)


TEXTS: dict[str, tuple[list[str], str]] = {
    "words": (["a", "b"], ""),
    "leading zeros": (["01242", "8001"], "leading zeros, such as '01242': used as text (--kind x=number"),
    "large integers": (["9007199254740993", "1"], "integers over 2**53"),
    "larger ones": (["9" * 30, "1"], "integers over 2**53"),
    "mostly numbers": (["1,5", "2,5", "n/k"], "66.7% of the values are numbers (decimal comma), but 'n/k' is not"),
    "nan": (["1.5", "2.5", "nan"], "'nan' is not: used as text (--missing \"nan\" or --kind x=number"),
    "two currencies": (["€3", "$4"], "'$4' is not"),
    "Namibia": (["NA", "CH", "NA"], "'NA' is a value like any other in 2 rows (--missing \"NA\" makes it missing)"),
    "months": (["2024-05", "2024-06"], ""),
    "a unit": (["182 cm", "7.5 cm", "1,000 cm"], "its values are numbers with the unit 'cm': used as text"),
    "two units": (["182 cm", "1.8 m"], ""),
    "years": (["5 years", "2 YEARS"], ""),
    "classes": (["3B", "4B"], ""),
}


@pytest.mark.parametrize("case", TEXTS)
def test_text_stays_as_it_is(case: str) -> None:
    """Nothing of it is missing; what is suspicious is said."""
    texts, remark = TEXTS[case]
    cells = read(texts)
    assert cells.series.tolist() == texts
    assert remark in "".join(cells.remarks)
    assert bool(cells.remarks) == bool(remark)


def test_missing_words_are_missing_and_counted() -> None:
    """Only those that are named; numbers are numbers then."""
    cells = read(["NA", "1", "?", "NA", ""], missing=frozenset(("NA", "?", "-")))
    assert listed(cells) == [None, 1, None, None, None]
    assert cells.remarks == ("'?' counts as missing in 1 rows", "'NA' counts as missing in 2 rows")


KINDS: dict[str, tuple[list[str], WantedKind, list[Any], str]] = {
    "digits as text": (["7", "8.0"], "text", ["7", "8.0"], ""),
    "digits as categories": (["7", "8"], "category", [7, 8], ""),
    "digits with gaps as categories": (["7", ""], "category", ["7", None], ""),
    "prices as categories": (["7,50 €"], "category", ["7,50 €"], ""),
    "a postcode as a number": (["01242"], "number", [1242], ""),
    "what is no number": (["1,5", "2,5", "n/k"], "number", [1.5, 2.5, None], "1 values that are no numbers"),
    "nothing that is a number": (["a", "b"], "number", [None, None], "such as 'a'"),
    "words as booleans": (["yes", "No", ""], "boolean", [True, False, None], ""),
    "digits as booleans": (["1", "0"], "boolean", [True, False], ""),
    "neither": (["yes", "maybe"], "boolean", [True, None], "1 values that are neither true nor false"),
    "booleans": (["TRUE", "false", ""], None, [True, False, None], ""),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("case", KINDS)
def test_the_user_decides(case: str) -> None:
    """What can't be read as the kind that is named counts as missing, and is counted."""
    texts, kind, values, remark = KINDS[case]
    cells = read(texts, kind=kind)
    assert listed(cells) == values
    assert remark in "".join(cells.remarks)


TYPED: dict[str, tuple[list[Any], Any, list[Any], str]] = {
    "decimals": ([Decimal("12.10"), None], pa.decimal128(8, 2), [12.1, None], "float64"),
    "whole decimals": ([Decimal(12), Decimal(7)], pa.decimal128(8, 0), [12, 7], "int64"),
    "integers with gaps": ([1, None], pa.int64(), [1, None], "float64"),
    "unsigned": ([1, 255], pa.uint8(), [1, 255], "int64"),
    "large": ([2**64 - 1, 1], pa.uint64(), [str(2**64 - 1), "1"], "object"),
    "booleans with gaps": ([True, None], pa.bool_(), [True, None], "object"),
    "booleans": ([True, False], pa.bool_(), [True, False], "bool"),
    "a dictionary": (["b", "", None], pa.dictionary(pa.int8(), pa.string()), ["b", None, None], "object"),
    "a dictionary of numbers": ([1, 2], pa.dictionary(pa.int8(), pa.int64()), [1, 2], "int64"),
    "large strings": (["b", ""], pa.large_string(), ["b", None], "object"),
    "blanks": (["", ""], pa.string(), [None, None], "float64"),
    "nothing": ([None, None], pa.null(), [None, None], "float64"),
    "half precision": ([0.5, None], pa.float32(), [0.5, None], "float64"),
}


@pytest.mark.parametrize("case", TYPED)
def test_a_typed_column_becomes_what_its_text_would(case: str) -> None:
    """Of whatever type of Arrow it is."""
    values, type, expected, dtype = TYPED[case]
    cells = read(values, type)
    assert listed(cells) == expected
    assert cells.series.dtype == dtype


def test_text_that_a_file_declares_is_read_as_numbers_with_a_remark() -> None:
    """As in a CSV file, where all is text."""
    cells = read(["1,50 €", "2,25 €"], declared=True)
    assert (listed(cells), cells.format) == ([1.5, 2.25], "decimal comma, €")
    assert cells.remarks == ("its text is read as numbers (--kind x=text keeps the text)",)
