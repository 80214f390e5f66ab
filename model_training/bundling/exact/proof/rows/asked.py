"""The fitted model, asked about odd rows."""

from collections.abc import Callable
from typing import Any

import numpy as np

from model_training.bundling.exact.proof.rows.served import Answer


def predictor_of(model: Any) -> Callable[[Any], Answer]:
    """Return what asks a fitted model about rows, in the form that it was fitted on."""
    # CatBoost's regressors have labels, but none of them.
    is_value = not len(getattr(model, "classes_", ()))

    def predict(rows: Any) -> Answer:
        as_array = hasattr(rows, "iloc") and not hasattr(model, "feature_names_in_")
        given = rows.to_numpy() if as_array else rows
        labels = np.asarray(model.predict(given))
        if is_value:
            values = labels.astype(np.float64)
            alone = values.ndim == 1 or values.shape[1] == 1
            return Answer(values.reshape(-1) if alone else values, None, is_value=True)
        return Answer(labels.reshape(-1), model.predict_proba(given) if hasattr(model, "predict_proba") else None)

    return predict
