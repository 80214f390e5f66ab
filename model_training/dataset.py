"""A table to learn from: features, target, and where it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd
from sklearn.model_selection import train_test_split

from function.model.manifest import Origin

HOLD_OUT = 0.3


@dataclass(frozen=True)
class Dataset:
    """Columns X of shape [n, features] and what is to be predicted of each row, y of shape [n]."""

    name: str
    X: pd.DataFrame
    y: pd.Series
    origin: Origin
    categories: Mapping[str, Sequence[str | int]]
    """The values of each categorical feature, in the order of their encoded columns."""
    descriptions: Mapping[str, str] = field(default_factory=dict)

    def sample(self, rows: int, seed: int) -> "Dataset":
        """Return `rows` random rows; the categories stay those of the whole table."""
        X = self.X.sample(n=min(rows, len(self.X)), random_state=seed)
        return replace(self, X=X, y=self.y.loc[X.index])

    def split(self, seed: int) -> "tuple[Dataset, Dataset]":
        """Return the rows to fit and the rows held out, with the same share of each class in both."""
        X_fit, X_held, y_fit, y_held = train_test_split(
            self.X, self.y, test_size=HOLD_OUT, random_state=seed, stratify=self.y
        )
        return replace(self, X=X_fit, y=y_fit), replace(self, X=X_held, y=y_held)
