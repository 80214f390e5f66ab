"""The hyper-parameters that `tune` searches and `train --params` takes, and the file between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from model_training.data.errors import BadTable
from model_training.fitting.estimators import EstimatorName, estimators_of

if TYPE_CHECKING:
    from model_training.data.dataset import Dataset

Params = Mapping[str, int | float]


@dataclass(frozen=True)
class Range:
    """From `low` to `high`, both included; searched evenly in their logarithm."""

    low: float
    high: float
    whole: bool = False

    def distribution(self) -> Any:
        """Return what scikit-learn's searches draw from."""
        import numpy as np
        from scipy.stats import loguniform

        if self.whole:
            return np.unique(np.geomspace(self.low, self.high, 50).round().astype(int)).tolist()
        return loguniform(self.low, self.high)

    def admits(self, value: Any) -> bool:
        """Tell whether a value is one."""
        kind = int if self.whole else int | float
        return isinstance(value, kind) and not isinstance(value, bool) and self.low <= value <= self.high

    def __str__(self) -> str:
        """Say what is admitted."""
        return f"{'a whole number' if self.whole else 'a number'} from {self.low:g} to {self.high:g}"


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
}


class Found(Struct, frozen=True, forbid_unknown_fields=True):
    """What a search found for one estimator: the mean score over the folds, and the parameters that gave it."""

    score: float
    params: dict[str, int | float]


class Tuned(Struct, frozen=True, forbid_unknown_fields=True):
    """What `tune` writes."""

    task: str
    scoring: str
    seed: int
    best: str
    estimators: Mapping[str, Found]

    def write(self) -> bytes:
        """Return it as JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def read_tuned(path: Path, wanted: EstimatorName | None, data: "Dataset") -> tuple[EstimatorName, Params]:
    """Read a file of `tune`'s for a dataset; return the wanted estimator, else the best, with its parameters.

    Raises:
        BadTable: the file is none, was made for another task, or says what can't be.
    """
    tuned = _read(path)
    if tuned.task != data.task:
        raise BadTable(f"{path} was found for a {tuned.task} task; this is a {data.task} task")
    for each, found in tuned.estimators.items():
        _check(path, _named(path, each), found.params)
    name = wanted or _named(path, tuned.best)
    possible = [each for each in estimators_of(data.task) if each in tuned.estimators]
    if name not in possible:
        raise BadTable(f"{path} has nothing for {name}; it has {' and '.join(possible) or 'nothing for this task'}")
    return name, tuned.estimators[name].params


def _read(path: Path) -> Tuned:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Tuned)
    except OSError as error:
        raise BadTable(f"{path} can't be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadTable(f"{path} is not what tune writes: {error}") from None


def _named(path: Path, name: str) -> EstimatorName:
    if name not in SPACES:
        raise BadTable(f"{path}: there is no estimator {name!r}; there is {', '.join(SPACES)}")
    return EstimatorName(name)


def _check(path: Path, name: EstimatorName, params: Params) -> None:
    space = SPACES[name]
    for parameter, value in params.items():
        if parameter not in space:
            raise BadTable(f"{path}, {name}: there is no {parameter!r}; there is {', '.join(space)}")
        if not space[parameter].admits(value):
            raise BadTable(f"{path}, {name}, {parameter}: must be {space[parameter]}")
