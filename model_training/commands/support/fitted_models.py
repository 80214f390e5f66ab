"""Open the fitted model that a file holds: a joblib file, or the file of a booster."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from function.errors import Refused
from model_training.commands.support.console import fail
from model_training.commands.support.sources import names_in

if TYPE_CHECKING:
    from model_training.data.cells.reading import Reading
    from model_training.data.parts import Parts

INTEGER = re.compile(r"-?\d{1,15}")


@dataclass(frozen=True)
class Native:
    """What a booster's file does not hold."""

    missing: float | None = None
    classes: tuple[str | int, ...] | None = None


def classes_of(text: str | None) -> tuple[str | int, ...] | None:
    """Return the classes in `--classes`: integers if all are, otherwise texts."""
    names = names_in(text)
    if text is None:
        return None
    if len(set(names)) < max(len(names), 2):
        raise typer.BadParameter("--classes must have two different classes or more, such as no,yes")
    return tuple(map(int, names)) if all(INTEGER.fullmatch(name) for name in names) else tuple(names)


def load(
    path: Path, data: "Path | Parts", target: str | None, reading: "Reading", native: Native, *, trust: bool
) -> tuple[Any, tuple[str, ...]]:
    """Load the model of a file; the sample has the values of a booster's categories.

    Args:
        path: the file.
        data: the sample.
        target: a column of the sample that is no feature.
        reading: how the cells of the sample are read.
        native: what a booster's file does not hold.
        trust: whether the file may run code while it is loaded.

    Returns:
        The model, and warnings.

    Raises:
        Refused: the file must not be loaded, or its model can't be served exactly.
    """
    from function.model.joblib.bare import read_joblib
    from model_training.bundling.exact.boosters.open import SUFFIXES, open_fitted, open_native
    from model_training.bundling.trusted import load_trusted
    from model_training.publishing.identity import max_model_bytes

    if native != Native() and path.suffix not in SUFFIXES:
        raise Refused(f"--missing-number and --classes are for the files of boosters ({', '.join(SUFFIXES)})")
    try:
        content = path.read_bytes()
    except OSError as error:
        fail(f"{path} can't be read: {error.strerror}")
    if path.suffix in SUFFIXES:
        with _refusals():
            return open_native(
                path.suffix, content, _features(data, target, reading), native.missing, native.classes
            ), ()
    if not trust:
        return read_joblib(content, max_model_bytes())
    model, warnings = load_trusted(content, max_model_bytes())
    with _refusals():
        return open_fitted(getattr(model, "best_estimator_", model), _features(data, target, reading)), warnings


def versions_of(path: Path) -> str:
    """Return the versions of scikit-learn of a joblib file and of this environment, if they differ."""
    import sklearn

    from function.model.joblib.inflate import inflate
    from function.model.joblib.unpickle import version_in
    from function.model.joblib.versions import describe
    from model_training.publishing.identity import max_model_bytes

    return describe(version_in(inflate(path.read_bytes(), max_model_bytes())), sklearn.__version__)


def _features(data: "Path | Parts", target: str | None, reading: "Reading") -> Any:
    """Read the rows of the sample without the target, and without the columns that `--kind` drops."""
    from model_training.data.tables import read_table

    rows = read_table(data, reading=reading).frame
    left_out = {target, *(column for column, kind in reading.kinds.items() if kind == "drop")}
    return rows.drop(columns=[column for column in rows if column in left_out])


@contextmanager
def _refusals() -> Iterator[None]:
    """Refuse a model that can't be served exactly."""
    from model_training.bundling.exact.refused import Refused as NotExact

    try:
        yield
    except NotExact as refused:
        raise Refused(str(refused)) from None
