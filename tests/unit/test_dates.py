"""Dates: what callers may send, and the numbers that a transformer and a plan make of them."""

import io
import re
from datetime import date, datetime, timedelta, timezone
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from msgspec import UNSET

from function.errors import BadInput, Refused
from function.model.checks import checks_of
from function.model.date_parts import DateParts
from function.model.dates import PATTERNS, parse_times, write_time
from function.model.joblib.unpickle import unpickle
from function.model.manifest import Feature, Manifest, check
from function.model.plan.dates import PARTS, Part, as_seconds, date_parts
from function.model.plan.encoder import Encoder
from function.model.plan.structs import Block, Dates, Plan
from function.model.plan.structs import Feature as PlanFeature
from function.model.schema import Schema

LEAP_YEARS = (4, 1600, 1900, 1996, 2000, 2023, 2024, 2100, 2400, 9996)


@pytest.mark.parametrize("year", LEAP_YEARS)
def test_every_day_of_the_calendar_and_no_other_matches(year: int) -> None:
    """For leap years, and centuries that are none."""
    written = {f"{year:04}-{month:02}-{day:02}" for month in range(14) for day in range(33)}
    known = {(date(year, 1, 1) + timedelta(days)).isoformat() for days in range(366)}
    matched = {text for text in written if re.search(PATTERNS["date"], text)}
    assert matched == {text for text in known if text.startswith(f"{year:04}")}


DATE_TIMES = {
    "2024-05-31": "2024-05-31T00:00:00",
    "2024-05-31T13:45": "2024-05-31T13:45:00",
    "2024-05-31 13:45:59": "2024-05-31T13:45:59",
    "2024-05-31t13:45:59.999999999z": "2024-05-31T13:45:59",
    "1969-12-31T23:59:59.5": "1969-12-31T23:59:59",
    "2024-05-31T13:45:00+02:00": "2024-05-31T11:45:00",
    "2024-05-31T13:45:00-0530": "2024-05-31T19:15:00",
    "2024-05-31 13:45:00+00": "2024-05-31T13:45:00",
    "0001-01-01T00:00:00+23:59": "0000-12-31T00:01:00",
    "9999-12-31T23:59:59-23:59": "10000-01-01T23:58:59",
}


@pytest.mark.parametrize("text", DATE_TIMES)
def test_times_are_in_utc(text: str) -> None:
    """A zone is converted; without one a time is in UTC already."""
    assert re.search(PATTERNS["date-time"], text)
    assert [str(time) for time in parse_times([text, None])] == [DATE_TIMES[text], "NaT"]


@pytest.mark.parametrize(
    "text",
    ["", "x", "01.05.2024", "2024-5-1", "2024-02-30", "2024-05-31\n", "\n2024-05-31", "0000-01-01", "12024-01-01",
     "2024-05-31T24:00", "2024-05-31T13:60", "2024-05-31T13:45:60", "2024-05-31T13:45+24:00", "2024-05-31 Z",
     "\u0662\u0660\u0662\u0664-05-31", "2024-05-31T13:45:00.", "2024-05-31T13", "20240531"],
)  # fmt: skip
def test_what_is_no_date_does_not_match(text: str) -> None:
    """Whatever Python itself reads."""
    assert not any(re.search(pattern, text) for pattern in PATTERNS.values())


def _schema(kind: Any, *, nullable: bool = False) -> Schema:
    feature = Feature(name="when", type="string", format=kind, nullable=nullable)
    return Schema(Manifest(name="x", task="regression", features=(feature,), encoded=("x",)))


def test_a_caller_gets_a_sentence() -> None:
    """The field, and what is allowed; a time where only a date is known is refused."""
    for value in ("2024-02-30", "2024-05-31T13:45:00Z", 5, None):
        with pytest.raises(BadInput, match='expected a date of the calendar, such as "2024-05-31"') as caught:
            checks_of(_schema("date")).objects([{"when": value}], lambda place: place)
        assert caught.value.faults[0].loc == (0, "when")
    with pytest.raises(BadInput, match=r"with a time or without, such as .* or null"):
        checks_of(_schema("date-time", nullable=True)).objects([{"when": "31.05.2024"}], lambda place: place)


def test_columns_of_dates_are_times() -> None:
    """With NaT for null."""
    schema = _schema("date-time", nullable=True)
    (column,) = schema.golden_columns([["2024-05-31T13:45:00Z"], [None]])
    assert column.dtype == "datetime64[s]"
    assert np.isnat(column).tolist() == [False, True]


def test_only_text_without_categories_can_be_dates() -> None:
    """A manifest that says otherwise is refused."""
    for feature in (
        Feature(name="a", type="number", format="date"),
        Feature(name="a", type="string", format="date", categories=("b",)),
    ):
        with pytest.raises(Refused, match="a feature of dates must be text"):
            check(Manifest(name="x", task="regression", features=(feature,), encoded=("x",)))
    assert Feature(name="a", type="string").format is UNSET


def test_written_times_are_read_again() -> None:
    """As typical values and golden rows are."""
    time = np.datetime64("2024-05-31T13:45:10")
    assert write_time(time, "date") == "2024-05-31"
    assert parse_times([write_time(time, "date-time")]) == [time]


def times(count: int = 4000, seed: int = 0) -> pd.Series:
    """Draw times of all centuries."""
    seconds = np.random.default_rng(seed).integers(-(62 * 10**9), 253 * 10**9, count)
    return pd.Series(seconds.astype("datetime64[s]"), name="when")


def test_parts_are_those_of_the_calendar() -> None:
    """As Python has them."""
    column = times()
    first = as_seconds(column.to_numpy()).min() // 86_400
    found = DateParts().fit_transform(column.to_frame())
    for row, time in zip(found.tolist(), column.to_numpy(), strict=True):
        known = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=int(time.astype(np.int64)))
        days = (known.date() - date(1970, 1, 1)).days - first
        assert row == [known.year, known.month, known.isoweekday(), known.hour, days]


@pytest.mark.parametrize("one_hot", [False, True])
@pytest.mark.parametrize("parts", [PARTS, ("month",), ("days", "hour")])
def test_a_plan_computes_what_the_transformer_computes(parts: tuple[Part, ...], one_hot: bool) -> None:  # noqa: FBT001
    """Bit by bit, and for missing dates."""
    column = times()
    column[::7] = pd.NaT
    transformer = DateParts(parts, one_hot=one_hot).fit(column.to_frame())
    source = Dates(0, parts, transformer.references_[0], one_hot)
    encoder = Encoder(Plan(features=(PlanFeature("when", missing=True),), encoder=Block((source,)), missing=True))
    encoded = encoder.encode_columns([column.to_numpy()])
    assert encoded.tobytes() == transformer.transform(column.to_frame()).tobytes()
    assert len(transformer.get_feature_names_out()) == encoder.width == encoded.shape[1]


def test_a_missing_date_is_nan_and_of_no_month() -> None:
    """So that an imputer fills in the numbers alone."""
    found = date_parts(np.array([np.nan, 0.0]), ("year", "weekday"), 0, one_hot=True)
    assert np.isnan(found[0, 0])
    assert found[:, 1:].tolist() == [[0] * 7, [0, 0, 0, 1, 0, 0, 0]]


def test_the_transformer_reads_text_and_times_alike() -> None:
    """Text is what a bare joblib file gets."""
    column = times(100)
    transformer = DateParts().fit(column.to_frame())
    text = pd.DataFrame({"when": [write_time(time, "date-time") for time in column.head(3)] + [None]}, dtype=object)
    assert transformer.transform(text.head(3)).tolist() == transformer.transform(column.head(3).to_frame()).tolist()
    assert np.isnan(transformer.transform(text)[3]).all()
    with pytest.raises(ValueError, match="no date in ISO 8601"):
        transformer.transform(pd.DataFrame({"when": ["31.05.2024"]}))


def test_names_tell_the_part() -> None:
    """As the encoded vector has them."""
    transformer = DateParts(("year", "month"), one_hot=True).fit(times().to_frame())
    assert transformer.get_feature_names_out().tolist() == ["when_year", *[f"when_month_{i}" for i in range(1, 13)]]


def test_dates_that_are_all_missing_are_fitted() -> None:
    """As the rows of a sample may be."""
    nothing = pd.DataFrame({"when": np.array(["NaT", "NaT"], "datetime64[s]")})
    assert np.isnan(DateParts().fit_transform(nothing)).all()


def test_a_joblib_file_may_hold_the_transformer() -> None:
    """It is on the list of what the function loads."""
    column, buffer = times(50), io.BytesIO()
    fitted = DateParts().fit(column.to_frame())
    joblib.dump(fitted, buffer)
    loaded = unpickle(buffer.getvalue(), 2**20).object
    assert loaded.transform(column.to_frame()).tolist() == fitted.transform(column.to_frame()).tolist()
