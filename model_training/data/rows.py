"""Convert a table to the input of a fitted model."""

from typing import Any

import pandas as pd


def rows_of(model: Any, X: pd.DataFrame) -> Any:
    """Convert a table to what the model was fitted on: a DataFrame with column names, or an array."""
    return X if hasattr(model, "feature_names_in_") else X.to_numpy()
