"""Remove the columns that a fitted pipeline drops, so that callers need not send them."""

from copy import copy
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline


def used_columns(model: Any) -> list[str] | None:
    """Return the names of the columns that a model uses; None if it does not begin with a ColumnTransformer of names.

    A ColumnTransformer that was fitted on a table finds its columns by name, and needs none of those that it drops.
    """
    transformer = _first(model)
    if transformer is None:
        return None
    names = transformer.feature_names_in_
    return [str(names[place]) for place in _places(transformer)]


def without_unused(model: Any) -> Any:
    """Return a pipeline that was not fitted on the columns that it drops; any other model as it is."""
    transformer = _first(model)
    if transformer is None or len(places := _places(transformer)) == len(transformer.feature_names_in_):
        return model
    names, of_part = transformer.feature_names_in_, transformer._transformer_to_input_indices  # noqa: SLF001
    kept = [(name, part, columns) for name, part, columns in transformer.transformers_ if _is_used(part, of_part[name])]
    reduced = copy(transformer)
    reduced.feature_names_in_, reduced.n_features_in_ = names[places], len(places)
    reduced.transformers_ = [
        (name, part, columns if isinstance(columns, str) else names[of_part[name]].tolist())
        for name, part, columns in kept
    ]
    reduced._transformer_to_input_indices = {  # noqa: SLF001
        name: [places.index(place) for place in of_part[name]] for name, *_ in kept
    }
    pipeline = copy(model)
    pipeline.steps = [(name, reduced if step is transformer else step) for name, step in model.steps]
    return pipeline


def _first(model: Any) -> ColumnTransformer | None:
    """Return the ColumnTransformer that a pipeline begins with, if it was fitted on a table."""
    steps = (
        [step for _, step in model.steps if step not in (None, "passthrough")] if isinstance(model, Pipeline) else []
    )
    first = steps[0] if len(steps) > 1 else None
    return first if isinstance(first, ColumnTransformer) and hasattr(first, "feature_names_in_") else None


def _places(transformer: ColumnTransformer) -> list[int]:
    of_part = transformer._transformer_to_input_indices  # noqa: SLF001
    parts = [of_part[name] for name, part, _ in transformer.transformers_ if _is_used(part, of_part[name])]
    return sorted({int(place) for places in parts for place in places})


def _is_used(part: Any, places: Any) -> bool:
    return len(places) > 0 and not (isinstance(part, str) and part == "drop")
