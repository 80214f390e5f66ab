"""Convert a column of cells, whether a CSV file holds it or a Parquet file."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute, types

from model_training.data.cells.reading import Cells, Options
from model_training.data.cells.series import to_booleans, to_numbers, to_objects
from model_training.data.cells.texts import LARGEST_EXACT, boolean_cells, text_cells

FIRST_TIME, LAST_TIME = np.datetime64("0001-01-01T00:00:00"), np.datetime64("9999-12-31T23:59:59")


def convert_column(column: pa.ChunkedArray | pa.Array, options: Options) -> Cells:
    """Convert a column of text or of any other type of Arrow."""
    values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if types.is_string(values.type) or types.is_large_string(values.type) or types.is_string_view(values.type):
        return text_cells(values.cast(pa.large_string()), options)
    return _typed_cells(values, options)


def _typed_cells(values: pa.Array, options: Options) -> Cells:
    """Convert a column of a Parquet file that is not text."""
    for applies, convert in TYPED:
        if applies(values.type):
            return convert(values, options)
    return Cells(values.to_pandas(date_as_object=True))


def _decimal_cells(values: pa.Array, options: Options) -> Cells:
    if options.kind == "date":
        return text_cells(values.cast(pa.large_string()), options)
    texts = values.cast(pa.string())  # Exact: the number that its digits mean.
    if values.type.scale == 0:
        return _integer_cells(texts, options)
    return Cells(to_numbers(texts.cast(pa.float64())))


def _integer_cells(values: pa.Array, options: Options) -> Cells:
    texts = values.cast(pa.large_string())
    if options.kind == "date":
        return text_cells(texts, options)
    if options.kind == "text" or (options.kind == "category" and values.null_count):
        return Cells(to_objects(texts))
    if options.kind == "boolean":
        return boolean_cells(texts)
    largest = compute.max(compute.abs(texts.cast(pa.float64()))).as_py() or 0
    if largest >= LARGEST_EXACT and options.kind != "number":
        remark = f"it has integers over 2**53: used as text ({options.keeping('number')} makes it a number)"
        return Cells(to_objects(texts), remarks=(remark,))
    return Cells(to_numbers(texts.cast(pa.float64() if largest >= LARGEST_EXACT else pa.int64())))


def _float_cells(values: pa.Array, options: Options) -> Cells:
    if options.kind == "boolean":
        whole = compute.if_else(compute.is_in(values, value_set=pa.array([0, 1], values.type)), values, None)
        return Cells(to_booleans(whole.cast(pa.bool_())))
    return Cells(to_numbers(values.cast(pa.float64())))


def _boolean_cells(values: pa.Array, options: Options) -> Cells:
    if options.kind in ("text", "category"):
        return Cells(to_objects(compute.if_else(values, "True", "False")))
    if options.kind == "number":
        return Cells(to_numbers(values.cast(pa.int64())))
    return Cells(to_booleans(values))


def _time_cells(values: pa.Array, options: Options) -> Cells:
    """Convert dates and times to seconds in UTC; those that ISO 8601 cannot write count as missing."""
    zone = getattr(values.type, "tz", None)
    # Times are floored: a cast would round those before 1970 up.
    days = types.is_date(values.type)
    floored = values.cast(pa.timestamp("s")) if days else compute.floor_temporal(values, unit="second")
    times = floored.cast(pa.timestamp("s", zone)).to_numpy(zero_copy_only=False).astype("datetime64[s]")
    if options.kind not in (None, "date", "drop"):
        whole = times.astype("datetime64[D]")
        written = whole if (whole == times)[~np.isnat(times)].all() else times
        texts = [None if np.isnat(time) else str(time) for time in written]
        return text_cells(pa.array(texts, pa.large_string()), options)
    with np.errstate(invalid="ignore"):
        strange = (times < FIRST_TIME) | (times > LAST_TIME)
    remarks = ["times with a zone are converted to UTC"] if zone not in (None, "UTC") else []
    if strange.any():
        remarks.append(f"{strange.sum():,} dates before the year 1 or after 9999 count as missing")
    return Cells(pd.Series(np.where(strange, np.datetime64("NaT", "s"), times)), remarks=tuple(remarks))


def _null_cells(values: pa.Array, options: Options) -> Cells:
    return Cells(pd.Series(np.full(len(values), np.nan)))


TYPED: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array, Options], Cells]], ...] = (
    (types.is_null, _null_cells),
    (types.is_boolean, _boolean_cells),
    (types.is_integer, _integer_cells),
    (types.is_floating, _float_cells),
    (types.is_decimal, _decimal_cells),
    (types.is_date, _time_cells),
    (types.is_timestamp, _time_cells),
)
