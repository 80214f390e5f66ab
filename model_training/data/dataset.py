"""The data set that a model is trained or evaluated on: features, target and origin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd
from msgspec import UNSET, UnsetType
from sklearn.model_selection import train_test_split

from function.model.dates import DateFormat
from function.model.manifest import Origin, Reading, Task, Wording
from model_training.data.kinds import Column
from model_training.data.policies import Policies

HOLD_OUT = 0.3
"""The share of the rows that evaluate the model and are not fitted."""


@dataclass(frozen=True)
class Dataset:
    """Features X of shape [n, features] and the target y of shape [n], or None if it is unknown."""

    name: str
    X: pd.DataFrame
    y: pd.Series | None
    origin: Origin
    categories: Mapping[str, Sequence[str | int]] = field(default_factory=dict)
    """The values of each categorical feature, in the order of the encoded columns; other features are numbers."""
    dates: Mapping[str, DateFormat] = field(default_factory=dict)
    """The features that are dates, and whether they have a time."""
    task: Task = "binary"
    lacking: frozenset[str] = frozenset()
    """The features that have missing values in the whole table."""
    columns: Sequence[Column] = ()
    """How each column of a custom table is used."""
    reading: Reading | UnsetType = UNSET
    """How the cells of a custom table were read, if not in the usual way."""
    remarks: Sequence[str] = ()
    """Warnings for the user, such as rows that are left out."""
    descriptions: Mapping[str, str] = field(default_factory=dict)
    """A description of each feature, for the web page and the manifest."""
    labels: Mapping[str, Mapping[str | int, str]] = field(default_factory=dict)
    """Display names of the categories of some features."""
    wording: Wording = field(default_factory=Wording)
    policies: Policies = field(default_factory=Policies)
    """What the model does with values that it does not know."""
    title: str = ""
    """The title of the page and of the API documentation; empty if they have a general one."""
    description: str = ""
    """What the target means; empty if it is not described."""

    @property
    def target(self) -> pd.Series:
        """The target y, which must be known."""
        if self.y is None:
            raise ValueError("this data set has no target")
        return self.y

    def with_policies(self, policies: Policies) -> "Dataset":
        """Return the data set with more policies, which win over its own."""
        return replace(self, policies=self.policies.updated(policies))

    def sample(self, rows: int, seed: int) -> "Dataset":
        """Return `rows` random rows; the categories are still those of the whole table."""
        return self.rows(self.X.sample(n=min(rows, len(self.X)), random_state=seed).index)

    def split(self, seed: int) -> "tuple[Dataset, Dataset]":
        """Split into training rows and hold-out rows, with the same share of each class in both."""
        classes = None if self.task == "regression" else self.y
        fitting, held_out = train_test_split(self.X.index, test_size=HOLD_OUT, random_state=seed, stratify=classes)
        return self.rows(fitting), self.rows(held_out)

    def rows(self, index: pd.Index) -> "Dataset":
        """Return the data set of the rows in an index."""
        return replace(self, X=self.X.loc[index], y=None if self.y is None else self.y.loc[index])
