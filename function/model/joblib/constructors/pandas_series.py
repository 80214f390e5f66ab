"""Build the series of pandas that custom transformers hold, such as the medians of columns, by pandas' constructor."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from function.model.joblib.constructors.tokens import Pending, Token, require

_SERIES = {Token("pandas", "Series"), Token("pandas.core.series", "Series")}
_MANAGER = Token("pandas.core.internals.managers", "SingleBlockManager")
_LAYOUT = "0.14.1"
"""The key of the state since that version of pandas."""
CLASSES = {*_SERIES, _MANAGER}
"""The classes of which a pickle makes objects."""


@dataclass(frozen=True)
class _Block:
    """The labels and values of a series, [n] each."""

    index: npt.NDArray[Any]
    data: npt.NDArray[Any]


def begin_series(kind: Any) -> Pending | None:
    """Begin a series, or what manages its values; None if the class is neither."""
    if kind == _MANAGER:
        return Pending(_block)
    return Pending(_series) if isinstance(kind, Token) and kind in _SERIES else None


def _block(state: Any) -> _Block:
    """State: (axes, values, items, {"0.14.1": {"axes": [index], "blocks": [{"values", "mgr_locs"}]}})."""
    layout = state[3][_LAYOUT]
    (index,), (block,) = layout["axes"], layout["blocks"]
    values = block["values"]
    plain = all(type(array) is np.ndarray and array.ndim == 1 for array in (index, values))
    require(plain and len(index) == len(values), "has a series without a label for each value")
    return _Block(index, values)


def _series(state: Any) -> Any:
    """State: {"_mgr": manager, "_name": name, ...}."""
    block, name = state["_mgr"], state.get("_name")
    require(isinstance(block, _Block) and isinstance(name, str | int | None), "has a series without values")
    import pandas as pd

    return pd.Series(block.data, index=pd.Index(block.index), name=name, dtype=block.data.dtype)
