"""Load joblib files: the pipeline of a bundle, or a bare model, whose manifest is built from its attributes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sklearn

from function.errors import Refused
from function.model.engines.inputs import VECTORIZERS, first_part
from function.model.engines.sklearn import SklearnEngine
from function.model.joblib.tasks import describe_prediction, task_of
from function.model.joblib.trial import try_rows
from function.model.joblib.unpickle import unpickle
from function.model.joblib.versions import describe, differ
from function.model.manifest import Feature, Manifest, check

MAX_FEATURES = 10_000


def read_joblib(data: bytes, max_bytes: int) -> tuple[Any, tuple[str, ...]]:
    """Unpickle a model through the allow-list; return it with warnings.

    Raises:
        Refused: the file is not allowed or damaged; the message includes the versions of scikit-learn if they differ.
    """
    model, warnings, _ = _read(data, max_bytes)
    return model, warnings


def _read(data: bytes, max_bytes: int) -> tuple[Any, tuple[str, ...], str | None]:
    here = sklearn.__version__
    try:
        unpickled = unpickle(data, max_bytes)
    except Refused as error:
        raise Refused(f"{error}{describe(error.sklearn_version, here)}") from error
    made = unpickled.sklearn_version
    warned = (f"made by scikit-learn {made}, served by {here}: predictions may differ",) if differ(made, here) else ()
    return unpickled.object, warned, made


def read_bare(data: bytes, sha256: str, max_bytes: int, name: str) -> tuple[Manifest, SklearnEngine, tuple[str, ...]]:
    """Load a bare joblib file: a model of one stage, whose features have names if it was fitted on a table.

    Raises:
        Refused: the file is not a model that can be served, or it predicts no made-up row.
    """
    model, warnings, made = _read(data, max_bytes)
    with inspection():
        return (*_described(model, sha256, name, made), warnings)


@contextmanager
def inspection() -> Iterator[None]:
    """Refuse a model on which anything fails while it is inspected: attributes of its may be damaged, or missing."""
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"the model is damaged or of other versions: {type(error).__name__}") from error


def _described(model: Any, sha256: str, name: str, made: str | None) -> tuple[Manifest, SklearnEngine]:
    task_of(model)  # Refuses what is no model, which has no columns either.
    names, width = _columns_of(model)
    try:
        tried = try_rows(model, SklearnEngine(model, names, stages=1, probabilities=False, several=None), width)
        prediction = describe_prediction(model, tried.labels)
        engine = SklearnEngine(
            model,
            names,
            stages=1,
            probabilities=prediction.probabilities,
            scores=prediction.task == "outlier",
            several=bool(prediction.outputs),
        )
        try_rows(model, engine, width)
    except Refused as error:
        raise Refused(f"{error}{describe(made, sklearn.__version__)}") from error
    manifest = Manifest(
        name=name,
        version=sha256[:12],
        task=prediction.task,
        stages=1,
        features=tuple(Feature(name=name, type="any") for name in names),
        encoded=tuple(names or [f"x{i}" for i in range(width)]),
        classes=prediction.classes,
        outputs=prediction.outputs,
    )
    check(manifest)
    return manifest, engine


def _columns_of(model: Any) -> tuple[list[str], int]:
    """Return the names of a model's columns, if it knows them, and their number."""
    first = first_part(model)
    if isinstance(first, VECTORIZERS):
        return ["text"], 1
    width = getattr(first, "n_features_in_", None)
    if not isinstance(width, int) or not 1 <= width <= MAX_FEATURES:
        raise Refused(
            f"the model's n_features_in_ is not an integer from 1 to {MAX_FEATURES}: pack it with a sample, whose "
            "columns it then has"
        )
    return [str(name) for name in getattr(first, "feature_names_in_", ())], width
