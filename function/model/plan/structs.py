"""The plan of an encoder and of an optional linear model, as data: `plan.json` of a bundle.

A plan is a tree. Its leaves read features: numbers as they are, categories through a table with a row for each code.
A block puts its sources side by side and applies steps to the matrix. Codes number the values of a category. The code
after the last value stands for a missing value, and the next one for any value that training did not see.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from function.model.plan.dates import Part
from function.model.plan.steps.structs import Real, Step

MAX_WIDTH = 100_000
MAX_DEPTH = 16

Value = str | int | float | bool
Index = Annotated[int, Meta(ge=0, lt=2**31)]
Link = Literal["identity", "logistic", "one-vs-rest", "softmax", "modified-huber", "exp"]


class Category(Struct, frozen=True, forbid_unknown_fields=True):
    """A feature whose values are turned into codes."""

    feature: Index
    values: tuple[Value, ...]
    unsupported: tuple[Index, ...] = ()
    """The codes that the fitted encoder does not support."""

    @property
    def codes(self) -> int:
        """The number of codes: one for each value, one for missing and one for unknown values."""
        return len(self.values) + 2


class Numbers(Struct, frozen=True, forbid_unknown_fields=True, tag="numbers"):
    """Features side by side, as they are; a missing value is NaN."""

    features: tuple[Index, ...]


class Table(Struct, frozen=True, forbid_unknown_fields=True, tag="table"):
    """A row of numbers for each code of a category; None is NaN."""

    category: Index
    rows: tuple[tuple[Real | None, ...], ...]


class OneHot(Struct, frozen=True, forbid_unknown_fields=True, tag="one-hot"):
    """A table whose rows are zero except for a one at the code's column; -1 is a row of zeros."""

    category: Index
    columns: tuple[Annotated[int, Meta(ge=-1, lt=MAX_WIDTH)], ...]
    width: Annotated[int, Meta(ge=1, le=MAX_WIDTH)]


class Dates(Struct, frozen=True, forbid_unknown_fields=True, tag="dates"):
    """The parts of a date, as numbers."""

    feature: Index
    parts: tuple[Part, ...]
    reference: Annotated[int, Meta(ge=-(10**7), le=10**7)]
    """The day, counted from 1970-01-01, from which `days` counts."""
    one_hot: bool = False
    """Whether the parts that come round again are a column for each value."""


class Block(Struct, frozen=True, forbid_unknown_fields=True, tag="block"):
    """Sources side by side, then steps on the matrix."""

    sources: tuple["Source", ...]
    steps: tuple[Step, ...] = ()


Source = Numbers | Table | OneHot | Dates | Block


class Feature(Struct, frozen=True, forbid_unknown_fields=True):
    """A column of a row, in the order of the manifest."""

    name: str
    missing: bool = False
    """Whether a number may be missing; for categories, `unsupported` decides."""


class Linear(Struct, frozen=True, forbid_unknown_fields=True):
    """A linear model over the encoded matrix."""

    coefficients: tuple[tuple[Real, ...], ...]
    """A row for each score: one, or one for each class."""
    intercept: tuple[Real, ...]
    link: Link = "identity"
    """The function from scores to probabilities or to the value of a regression; identity: no probabilities."""
    classes: tuple[Value, ...] | None = None
    """The labels. With one score, the second is predicted above 0; otherwise that of the largest score."""


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How columns become the encoded matrix, and which numbers the estimator accepts."""

    features: Annotated[tuple[Feature, ...], Meta(max_length=MAX_WIDTH)]
    categories: tuple[Category, ...] = ()
    encoder: Block
    largest: Annotated[float, Meta(gt=0)] | None = None
    """The largest magnitude that the estimator accepts; None: any finite number."""
    missing: bool = False
    """Whether the estimator accepts NaN."""
    linear: Linear | None = None
    batch_rows: Annotated[int, Meta(ge=1)] | None = None
    """The maximum rows in a batch of the estimator's graph; None: as many as the encoder's."""
