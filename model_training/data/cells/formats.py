"""Recognize the notation of the numbers in a column of text: separators, currency and percent signs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa
from pyarrow import compute

DecimalMark = Literal[".", ","]
SPACE = "[ \u00a0\u202f]"
MINUS = "[-\u2212]"
CODES = (
    "AUD|BRL|CAD|CHF|CLP|CNY|CZK|DKK|EUR|GBP|HKD|HUF|INR|JPY|KRW|MXN|NOK|NZD|PLN|RUB|SEK|SGD|TRY|USD|ZAR"
)  # fmt: skip
UNITS = f"[%$€£¥₹₽₩₺₴₫₪฿]|(?:US|A|C|R)\\$|{CODES}|kr|zł|Fr\\."
"""Currency signs, their codes, and percent."""
THOUSANDS = {"": "", ",": ",", ".": "\\.", " ": SPACE, "'": "['\u2019]"}
"""The separator of thousands, and its regular expression; without one there may be an exponent."""
SEPARATORS = {",": "comma", ".": "point", " ": "space", "'": "apostrophe"}
ANY_UNIT = re.compile(UNITS)
SAMPLED = 1000


@dataclass(frozen=True)
class NumberFormat:
    """A notation of numbers."""

    thousands: str
    decimal: DecimalMark
    unit: str = ""
    grouped: bool = True
    """Whether the separator of thousands occurs."""

    @property
    def pattern(self) -> str:
        """The regular expression of a number in this notation, for RE2 and Python alike."""
        unit = re.escape(self.unit)
        before = f"(?:{unit}{SPACE}?)?" if unit else ""
        after = f"(?:{SPACE}?{unit})?" if unit else ""
        return f"^(?:{MINUS}|\\+)?{before}(?:{MINUS}|\\+)?(?:{self._digits})(?:{after})$"

    @property
    def _digits(self) -> str:
        mark = re.escape(self.decimal)
        if not self.thousands:
            return f"(?:\\d+(?:{mark}\\d*)?|{mark}\\d+)(?:[eE][+-]?\\d+)?"
        return f"(?:[1-9]\\d{{0,2}}(?:{THOUSANDS[self.thousands]}\\d{{3}})+|\\d+)(?:{mark}\\d+)?"

    @property
    def description(self) -> str:
        """A few words for a table of columns; empty for plain numbers."""
        unit = "percent" if self.unit == "%" else self.unit
        return ", ".join(
            word
            for word in (
                "decimal comma" if self.decimal == "," else "",
                f"thousands {SEPARATORS[self.thousands]}" if self.grouped else "",
                unit,
            )
            if word
        )

    def plain(self, texts: pa.Array) -> pa.Array:
        """Rewrite numbers in this notation as numbers that any library reads."""
        digits = compute.replace_substring_regex(texts, f"{MINUS}", "-")
        if self.unit:
            digits = compute.replace_substring(digits, self.unit, "")
        unwanted = f"{SPACE}|\\+" + (f"|{THOUSANDS[self.thousands]}" if self.thousands else "")
        if self.thousands:  # Without, an exponent may have a plus sign.
            digits = compute.replace_substring_regex(digits, unwanted, "")
        else:
            digits = compute.replace_substring_regex(digits, f"{SPACE}|^\\+", "")
        return compute.replace_substring(digits, ",", ".") if self.decimal == "," else digits

    def parse(self, text: str) -> float:
        """Read one number in this notation."""
        return float(self.plain(pa.array([text]))[0].as_py())


PLAIN = NumberFormat("", ".", grouped=False)
FORMATS = (
    PLAIN,
    NumberFormat("", ",", grouped=False),
    NumberFormat(",", "."),
    NumberFormat(".", ","),
    NumberFormat(" ", ","),
    NumberFormat(" ", "."),
    NumberFormat("'", "."),
    NumberFormat("'", ","),
)


@dataclass(frozen=True)
class Found:
    """The notation of a column, or of most of it."""

    format: NumberFormat
    share: float
    """The share of the cells that are numbers in this notation."""
    stray: str = ""
    """A cell that is not."""
    other: NumberFormat | None = None
    """A notation that reads all cells too, but as other numbers."""
    example: str = ""
    """A cell that the other notation reads as another number."""


def find_format(texts: pa.Array, decimal: DecimalMark | None = None, usual: DecimalMark = ".") -> Found | None:
    """Find the notation in which most cells of a column are numbers; None if it is a column of text.

    Args:
        texts: cells without spaces around them, of shape [n]; missing ones are null.
        decimal: the decimal mark that the user names, which decides where the cells can be read in two ways.
        usual: the decimal mark to assume of numbers such as 1,234.
    """
    sample = _sample(texts)
    unit = _unit(sample)
    formats = [replace(each, unit=unit) for each in FORMATS]
    matches = [sum(re.match(each.pattern, cell) is not None for cell in sample) for each in formats]
    bare = [ANY_UNIT.sub("", cell).strip() for cell in sample]  # Of several currencies, none may have most cells.
    numbers = max(sum(re.match(each.pattern, cell) is not None for cell in bare) for each in FORMATS)
    if not max(matches) or numbers <= len(sample) / 2:
        return None
    if max(matches) == len(sample):
        likely = [each for each, count in zip(formats, matches, strict=True) if count == len(sample)]
        if every := [each for each in likely if _matching(texts, each)[0] == 1]:
            return _choose(texts, every, decimal, usual)
    best = formats[matches.index(max(matches))]
    share, stray = _matching(texts, best)
    return Found(best, share, stray)


def is_ambiguous(texts: pa.Array) -> Found | None:
    """Return how plain numbers such as 1.234 beside 999 may have been meant: a point between thousands."""
    other = NumberFormat(".", ",")
    sample = _sample(texts)
    if not all(re.match(other.pattern, cell) for cell in sample) or _matching(texts, other)[0] < 1:
        return None
    dotted = compute.match_substring(texts, ".")
    example = compute.index(dotted, True).as_py()
    if example < 0 or compute.all(dotted).as_py():  # Numbers that all have three decimals were rounded to them.
        return None
    return Found(PLAIN, 1, other=other, example=texts[example].as_py())


def _choose(texts: pa.Array, every: Sequence[NumberFormat], decimal: DecimalMark | None, usual: DecimalMark) -> Found:
    """Choose among the notations that read all cells; they differ where they have different decimal marks."""
    marked = compute.match_substring_regex(texts, "[.,]")
    example = compute.index(marked, True).as_py()
    by_mark: dict[str, NumberFormat] = {}
    for each in every:
        by_mark.setdefault(each.decimal, each)
    chosen = by_mark.get(decimal or usual, every[0])
    other = next((each for mark, each in by_mark.items() if mark != chosen.decimal), None)
    if not chosen.thousands or not _contains(texts, THOUSANDS[chosen.thousands]):
        chosen = replace(chosen, grouped=False)
    if example < 0:  # Without a mark there is nothing to read in two ways.
        return Found(replace(chosen, decimal="."), 1)
    return Found(chosen, 1, other=None if decimal else other, example=texts[example].as_py())


def _sample(texts: pa.Array) -> list[str]:
    present = texts.drop_null()
    step = max(1, len(present) // SAMPLED)
    return list(present[::step][:SAMPLED].to_pylist())


def _unit(sample: Sequence[str]) -> str:
    """Return the most frequent currency or percent sign of some cells."""
    found = [match[0] for cell in sample if (match := ANY_UNIT.search(cell))]
    return max(set(found), key=lambda unit: (found.count(unit), unit)) if found else ""


def _matching(texts: pa.Array, notation: NumberFormat) -> tuple[float, str]:
    """Return the share of the cells that are in a notation, and the first that is not."""
    matched = compute.match_substring_regex(texts, notation.pattern)
    stray = compute.index(matched, False).as_py()
    return (1.0, "") if stray < 0 else (float(compute.mean(matched).as_py()), texts[stray].as_py())


def _contains(texts: pa.Array, pattern: str) -> bool:
    return bool(compute.any(compute.match_substring_regex(texts, pattern)).as_py())
