"""The model itself among the members of a bundle, beside what was compiled from it."""

import io
from importlib.metadata import version
from typing import Any

import joblib

from function.errors import Refused
from function.model.bundle import JOBLIB
from model_training.bundling.exact.boosters.open import open_trained
from model_training.bundling.exact.refused import Refused as NotExact
from model_training.bundling.exact.stages import stages
from model_training.bundling.exact.trees.native_file import library_of, native_file_of

NAMES = {"xgboost": "model.ubj", "lightgbm": "model.txt", "catboost": "model.cbm.json"}


def served_as(model: Any) -> Any:
    """Return a fitted model as what the bundle is built from: if `train` fitted a booster, the file of its library.

    Raises:
        Refused: the file has something that the function cannot serve.
    """
    try:
        return open_trained(model)
    except NotExact as refused:
        raise Refused(f"the function cannot serve this model: {refused}") from None


def original_of(model: Any, not_compiled: str) -> dict[str, bytes]:
    """Write a model: as joblib, or where it ends in a booster as the file of its library.

    Raises:
        Refused: it ends in a booster and is not compiled, so nothing in the function can serve it.
    """
    estimator = stages(model)[1]
    library = library_of(estimator)
    if library is None:
        buffer = io.BytesIO()
        joblib.dump(model, buffer)
        return {JOBLIB: buffer.getvalue()}
    if not_compiled:
        raise Refused(only_compiled(library, not_compiled))
    return {NAMES[library]: native_file_of(estimator).data}


def only_compiled(library: str, reason: str) -> str:
    """Say why a model with a booster is refused: the function has none of the libraries."""
    return f"the function serves a model of {library} only compiled, and this one cannot be: {reason}"


def output_names(model: Any) -> tuple[str, ...]:
    """Return the names of a booster's outputs, such as quantiles; empty where it has none."""
    estimator = stages(model)[1]
    return () if library_of(estimator) is None else native_file_of(estimator).read().names


def library_versions(model: Any) -> dict[str, str]:
    """Return the version of the library that a model's booster is of; nothing where there is none."""
    library = library_of(stages(model)[1])
    return {} if library is None else {library: version("xgboost-cpu" if library == "xgboost" else library)}
