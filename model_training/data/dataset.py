"""A table to learn from or to try a model on: features, target, and where it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd
from sklearn.model_selection import train_test_split

from function.model.manifest import Origin, Task, Wording
from model_training.data.kinds import Column

HOLD_OUT = 0.3


@dataclass(frozen=True)
class Dataset:
    """Columns X of shape [n, features] and, where it is known, what is to be predicted, y of shape [n]."""

    name: str
    X: pd.DataFrame
    y: pd.Series | None
    origin: Origin
    categories: Mapping[str, Sequence[str | int]] = field(default_factory=dict)
    """The values of each categorical feature, in the order of their encoded columns; the others are numbers."""
    task: Task = "binary"
    lacking: frozenset[str] = frozenset()
    """The features that may be missing: somewhere in the whole table they are."""
    columns: Sequence[Column] = ()
    """What became of each column, of a table that somebody brought."""
    remarks: Sequence[str] = ()
    """What whoever brought it should know."""
    descriptions: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str | int, str]] = field(default_factory=dict)
    """What the categories of some features mean to a person."""
    wording: Wording = field(default_factory=Wording)

    @property
    def target(self) -> pd.Series:
        """What is to be predicted, of a table that has it."""
        if self.y is None:
            raise ValueError("this table has no target")
        return self.y

    def sample(self, rows: int, seed: int) -> "Dataset":
        """Return `rows` random rows; the categories stay those of the whole table."""
        return self.rows(self.X.sample(n=min(rows, len(self.X)), random_state=seed).index)

    def split(self, seed: int) -> "tuple[Dataset, Dataset]":
        """Return the rows to fit and the rows held out, with the same share of each class in both."""
        classes = None if self.task == "regression" else self.y
        fitting, held_out = train_test_split(self.X.index, test_size=HOLD_OUT, random_state=seed, stratify=classes)
        return self.rows(fitting), self.rows(held_out)

    def rows(self, index: pd.Index) -> "Dataset":
        """Return the rows of an index."""
        return replace(self, X=self.X.loc[index], y=None if self.y is None else self.y.loc[index])
