"""Define the hyper-parameters that `tune` searches, and the file in which `train --params` reads the best ones."""

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from function.model.manifest import Task
from model_training.data.errors import BadTable
from model_training.fitting.estimators import BOOSTERS, EstimatorName, estimators_of, make_estimator

if TYPE_CHECKING:
    from model_training.data.dataset import Dataset

Params = Mapping[str, int | float | bool | str]


@dataclass(frozen=True)
class Range:
    """A range from `low` to `high`, both included, searched on a logarithmic scale."""

    low: float
    high: float
    whole: bool = False

    def distribution(self) -> Any:
        """Return the distribution that scikit-learn's searches sample from."""
        import numpy as np
        from scipy.stats import loguniform

        if self.whole:
            return np.unique(np.geomspace(self.low, self.high, 50).round().astype(int)).tolist()
        return loguniform(self.low, self.high)

    def contains(self, value: Any) -> bool:
        """Return whether a value has the right type and is in the range."""
        kind = int if self.whole else int | float
        return isinstance(value, kind) and not isinstance(value, bool) and self.low <= value <= self.high

    def __str__(self) -> str:
        """Describe the range for an error message."""
        return f"{'an integer' if self.whole else 'a number'} from {self.low:g} to {self.high:g}"


SPACES: Mapping[EstimatorName, Mapping[str, Range]] = {
    EstimatorName.LOGISTIC_REGRESSION: {"C": Range(1e-4, 1e3)},
    EstimatorName.RIDGE: {"alpha": Range(1e-4, 1e4)},
    EstimatorName.HIST_GRADIENT_BOOSTING: {
        "learning_rate": Range(0.01, 0.5),
        "max_iter": Range(50, 400, whole=True),
        "max_leaf_nodes": Range(8, 128, whole=True),
        "min_samples_leaf": Range(5, 200, whole=True),
        "l2_regularization": Range(1e-4, 10),
    },
    # The best number of rounds of these is found by early stopping.
    EstimatorName.XGBOOST: {
        "learning_rate": Range(0.02, 0.5),
        "max_depth": Range(3, 10, whole=True),
        "min_child_weight": Range(1, 100),
        "reg_lambda": Range(1e-4, 10),
    },
    EstimatorName.LIGHTGBM: {
        "learning_rate": Range(0.02, 0.5),
        "num_leaves": Range(8, 128, whole=True),
        "min_child_samples": Range(5, 200, whole=True),
        "reg_lambda": Range(1e-4, 10),
    },
    EstimatorName.CATBOOST: {
        "learning_rate": Range(0.02, 0.5),
        "depth": Range(3, 10, whole=True),
        "l2_leaf_reg": Range(0.1, 30),
    },
}


class BestParams(Struct, frozen=True, forbid_unknown_fields=True):
    """The best hyper-parameters of one estimator, with their mean score over the folds."""

    score: float
    params: dict[str, int | float]


class TuningResult(Struct, frozen=True, forbid_unknown_fields=True):
    """The content of the file that `tune` writes."""

    task: str
    scoring: str
    seed: int
    best: str
    estimators: Mapping[str, BestParams]

    def to_json(self) -> bytes:
        """Encode the result as indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def parse_params(text: str) -> Path | Params:
    """Parse the value of `--params`: the path of a file that `tune` wrote, or NAME=VALUE,NAME=VALUE.

    Raises:
        ValueError: a part is not NAME=VALUE.
    """
    if "=" not in text or Path(text).exists():
        return Path(text)
    pairs = [pair.partition("=") for pair in next(csv.reader([text], skipinitialspace=True))]
    if wrong := [name for name, assigned, value in pairs if not (name.strip() and assigned and value.strip())]:
        raise ValueError(f"{wrong[0]!r} must be NAME=VALUE, such as max_iter=200")
    return {name.strip(): _value(value.strip()) for name, _, value in pairs}


def _value(text: str) -> int | float | bool | str:
    """Parse a number, true or false; anything else is text."""
    try:
        return msgspec.json.decode(text, type=int | float | bool)
    except msgspec.DecodeError:
        return text


def check_params(params: Params, name: EstimatorName, task: Task) -> Params:
    """Return hyper-parameters, all of which the estimator has.

    Raises:
        BadTable: the estimator has no hyper-parameter of a name.
    """
    known = make_estimator(name, 0, task).get_params()
    if unknown := [each for each in params if each not in known]:
        raise BadTable(f"--params: {name} has no parameter {unknown[0]!r}; it has {', '.join(known)}")
    return params


@contextmanager
def parameter_errors(params: Params) -> Iterator[None]:
    """Convert the error of an estimator that does not support the values of its parameters to BadTable."""
    try:
        yield
    except ValueError as error:
        if not params:
            raise
        raise BadTable(f"--params: {str(error).strip().splitlines()[0]}") from error


def read_params(path: Path, wanted: EstimatorName | None, data: "Dataset") -> tuple[EstimatorName, Params]:
    """Read a file that `tune` wrote; return the wanted estimator, or the best one if None, and its parameters.

    Raises:
        BadTable: the file can't be read, is for another task, or has unknown estimators or parameters.
    """
    result = _read(path)
    if result.task != data.task:
        raise BadTable(f"{path} is for a {result.task} task, but this is a {data.task} task: run tune on this data")
    for each, best in result.estimators.items():
        _check(path, _estimator(path, each), best.params)
    name = wanted or _estimator(path, result.best)
    possible = [each for each in (*estimators_of(data.task), *BOOSTERS) if each in result.estimators]
    if name not in possible:
        raise BadTable(f"{path} has no parameters of {name}; it has {' and '.join(possible) or 'none for this task'}")
    return name, result.estimators[name].params


def _read(path: Path) -> TuningResult:
    try:
        return msgspec.json.decode(path.read_bytes(), type=TuningResult)
    except OSError as error:
        raise BadTable(f"{path} can't be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadTable(f"{path} is not a file that tune wrote: {error}") from None


def _estimator(path: Path, name: str) -> EstimatorName:
    if name not in SPACES:
        raise BadTable(f"{path}: unknown estimator {name!r}; must be one of {', '.join(SPACES)}")
    return EstimatorName(name)


def _check(path: Path, name: EstimatorName, params: Params) -> None:
    space = SPACES[name]
    for parameter, value in params.items():
        if parameter not in space:
            raise BadTable(f"{path}, {name}: unknown parameter {parameter!r}; must be one of {', '.join(space)}")
        if not space[parameter].contains(value):
            raise BadTable(f"{path}, {name}, {parameter}: must be {space[parameter]}")
