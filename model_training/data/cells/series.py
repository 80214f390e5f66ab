"""Convert arrays of Arrow to series of the types that training knows."""

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute


def to_numbers(values: pa.Array) -> pd.Series:
    """Return int64 if every value is present, otherwise float64."""
    typed = values.cast(pa.float64()) if values.null_count else values
    return pd.Series(typed.to_numpy(zero_copy_only=False), copy=True)


def to_booleans(values: pa.Array) -> pd.Series:
    """Return bool if every value is present, otherwise objects with NaN."""
    if not values.null_count:
        return pd.Series(values.to_numpy(zero_copy_only=False))
    objects = np.array([False, True, np.nan], dtype=object)
    return pd.Series(objects[values.cast(pa.int8()).fill_null(2).to_numpy()], dtype=object)


def to_objects(texts: pa.Array) -> pd.Series:
    """Return text as objects, each distinct text once in memory."""
    encoded = texts.dictionary_encode()
    objects = np.array([*encoded.dictionary.to_pylist(), np.nan], dtype=object)
    return pd.Series(objects[encoded.indices.fill_null(len(objects) - 1).to_numpy()], dtype=object)


def every(mask: pa.Array) -> bool:
    """Return whether a mask is true wherever it is not null."""
    return bool(compute.all(mask).as_py())
