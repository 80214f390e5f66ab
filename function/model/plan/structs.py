"""The plan of an encoder, and of a linear model after it: `plan.json` of a bundle.

A plan is a tree. Its leaves read features: numbers as they are, categories by way of a table with a row for each code.
A block puts its sources side by side and applies steps to the matrix. Codes count the values of a category; the code
after the last value is a missing value, and the one after that any value that training did not see.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from function.model.plan.steps.structs import Real, Step

MAX_WIDTH = 100_000
MAX_DEPTH = 16

Value = str | int | float | bool
Index = Annotated[int, Meta(ge=0, lt=2**31)]
Link = Literal["identity", "logistic", "one-vs-rest", "softmax", "modified-huber", "exp"]


class Category(Struct, frozen=True, forbid_unknown_fields=True):
    """A feature whose values are looked up."""

    feature: Index
    values: tuple[Value, ...]
    unsupported: tuple[Index, ...] = ()
    """Codes that the fitted encoder refuses."""

    @property
    def codes(self) -> int:
        """How many codes there are: the values, the missing one and the unknown one."""
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


class Block(Struct, frozen=True, forbid_unknown_fields=True, tag="block"):
    """Sources side by side, then steps on the matrix."""

    sources: tuple["Source", ...]
    steps: tuple[Step, ...] = ()


Source = Numbers | Table | OneHot | Block


class Feature(Struct, frozen=True, forbid_unknown_fields=True):
    """A column of a row, in the order of the manifest."""

    name: str
    missing: bool = False
    """Whether a number may be missing; of categories the codes say so."""


class Linear(Struct, frozen=True, forbid_unknown_fields=True):
    """A linear model over the encoded matrix."""

    coefficients: tuple[tuple[Real, ...], ...]
    """A row for each score: one, or one for each class."""
    intercept: tuple[Real, ...]
    link: Link = "identity"
    """How scores become probabilities, or the value of a regression; identity: there are no probabilities."""
    classes: tuple[Value, ...] | None = None
    """The labels; the second where a lone score is above 0, otherwise that of the largest score."""


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How columns become the encoded matrix, and what the estimator accepts of it."""

    features: Annotated[tuple[Feature, ...], Meta(max_length=MAX_WIDTH)]
    categories: tuple[Category, ...] = ()
    encoder: Block
    largest: Annotated[float, Meta(gt=0)] | None = None
    """The largest magnitude that the estimator accepts: None is any that is finite."""
    missing: bool = False
    """Whether the estimator accepts NaN."""
    linear: Linear | None = None
    batch_rows: Annotated[int, Meta(ge=1)] | None = None
    """How many rows one batch of the estimator's graph may have; None is as many as the encoder's."""
