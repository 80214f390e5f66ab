"""The input of a fitted model."""

from typing import Any

import pandas as pd


def rows_of(model: Any, X: pd.DataFrame) -> Any:
    """Return a table in the form that the model was fitted on: a DataFrame with names, or an array."""
    return X if hasattr(model, "feature_names_in_") else X.to_numpy()
