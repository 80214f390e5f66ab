"""Texts in one run of bytes, found among known ones."""

import numpy as np
import pytest

from function.model.texts import MAX_WORDS, UNKNOWN, WORD, KnownTexts, NotUtf8, Texts

LONG = "é" * (WORD * MAX_WORDS)


def texts_of(values: list[str]) -> Texts:
    """Put texts into one run of bytes."""
    encoded = [value.encode() for value in values]
    sizes = np.array([len(each) for each in encoded], np.intp)
    return Texts(b"".join(encoded), np.cumsum(sizes) - sizes, sizes)


@pytest.mark.parametrize("count", [1, 2, 255, 20_000])
def test_known_texts_are_found_and_others_are_not(count: int) -> None:
    """Of all lengths, and those that begin alike; of many, a few share a place in the table."""
    known = ["", "a", "ab", "abcdefgh", "abcdefghi", *(f"{n} of many" for n in range(count))]
    others = ["\x00", "b", "abcdefg", "abcdefgh\x00", LONG, "x" * 5000]
    positions = KnownTexts(known).positions(texts_of([*known, *others]))
    found = positions[: len(known)]
    assert np.isin(found - np.arange(len(known)), [0]).mean() > 0.95
    assert set(found[found != np.arange(len(known))].tolist()) <= {UNKNOWN}
    assert positions[len(known) :].tolist() == [UNKNOWN] * len(others)


@pytest.mark.parametrize("known", [[], [LONG], ["x" * 65]])
def test_no_text_is_found_where_none_can_be(known: list[str]) -> None:
    """Long texts are left to those who decode them."""
    assert KnownTexts(known).positions(texts_of(["", "a", LONG, "x" * 65])).tolist() == [UNKNOWN] * 4


def test_texts_are_decoded_one_by_one() -> None:
    """And the one that is not UTF-8 is named."""
    assert texts_of(["", "é", "a"]).decoded() == ["", "é", "a"]
    with pytest.raises(NotUtf8) as raised:
        Texts(b"a\xff", np.array([0, 1]), np.array([1, 1])).decoded()
    assert raised.value.position == 1
