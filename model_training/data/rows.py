"""Convert a table to the input of a fitted model."""

from typing import Any

import pandas as pd

from function.model.engines.inputs import input_of


def rows_of(model: Any, X: pd.DataFrame) -> Any:
    """Convert a table to what the model was fitted on: a DataFrame with column names, an array, or texts."""
    return input_of(model, X)
