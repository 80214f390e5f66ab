"""Foreign models as bundles, and their rows as a caller writes them."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from function.model.dates import DateFormat, write_time
from function.model.loaded import LoadedModel
from function.model.manifest import Origin
from function.model.schema import Columns
from model_training.bundling.building import Packed, build_bundle
from model_training.data.dataset import Dataset
from tests.support.foreign_models import Foreign


def packed_of(foreign: Foreign, name: str) -> Packed:
    """Pack a model with the rows it was fitted on."""
    origin = Origin("sample", "0" * 64, len(foreign.X))
    return build_bundle(foreign.model, Dataset(name, foreign.X, foreign.y, origin), None, seed=0)


def instances_of(X: pd.DataFrame, dates: Mapping[str, DateFormat] | None = None) -> list[dict[str, Any]]:
    """Write a table as instances, with null for missing, and dates as text in the given formats."""
    texts: dict[str, Any] = {
        name: [None if pd.isna(value) else write_time(value, kind) for value in X[name]]
        for name, kind in (dates or {}).items()
    }
    return [
        {str(name): None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}
        for row in X.astype(dict.fromkeys(texts, object)).assign(**texts).to_dict("records")
    ]


def columns_of(model: LoadedModel, X: pd.DataFrame) -> Columns:
    """Turn a table into the columns that a model's engine is given, as a request of its rows would."""
    rows = [tuple(row.values()) for row in instances_of(X[model.schema.names])]
    return model.schema.golden_columns(rows)
