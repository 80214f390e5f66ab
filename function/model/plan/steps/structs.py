"""The kinds of steps, as data; each is evaluated in the order of scikit-learn's own arithmetic."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

MAX_DEGREE = 30

Real = float
Column = Annotated[int, Meta(ge=0, lt=2**31)]
Operator = Literal["add", "subtract", "multiply", "divide"]
Function = Literal[
    "abs", "ceil", "cos", "exp", "expm1", "floor", "log", "log10", "log1p", "log2", "negative", "reciprocal", "rint",
    "sign", "sin", "sqrt", "square", "tanh",
]  # fmt: skip


class Arithmetic(Struct, frozen=True, forbid_unknown_fields=True, tag="arithmetic"):
    """Combine each column with a number of its own."""

    operator: Operator
    values: tuple[Real, ...]


class Clip(Struct, frozen=True, forbid_unknown_fields=True, tag="clip"):
    """Move what lies outside of a range to its nearer end."""

    low: Real
    high: Real


class Threshold(Struct, frozen=True, forbid_unknown_fields=True, tag="threshold"):
    """Replace what is above a number with 1, the rest with 0."""

    value: Real


class Impute(Struct, frozen=True, forbid_unknown_fields=True, tag="impute"):
    """Replace missing values with a number for each column."""

    values: tuple[Real, ...]
    marker: Real | None = None
    """The number that means missing; None is NaN."""


class Indicate(Struct, frozen=True, forbid_unknown_fields=True, tag="indicate"):
    """Replace missing values with 1, the rest with 0, in the columns named."""

    columns: tuple[Column, ...]
    marker: Real | None = None
    others: bool = False
    """Whether the other columns may lack values."""


class Select(Struct, frozen=True, forbid_unknown_fields=True, tag="select"):
    """Choose and order columns."""

    columns: tuple[Column, ...]


class Polynomial(Struct, frozen=True, forbid_unknown_fields=True, tag="polynomial"):
    """Multiply columns with one another."""

    lowest: Annotated[int, Meta(ge=0, le=MAX_DEGREE)]
    highest: Annotated[int, Meta(ge=0, le=MAX_DEGREE)]
    interaction_only: bool
    bias: bool


class Bins(Struct, frozen=True, forbid_unknown_fields=True, tag="bins"):
    """Count for each column how many edges a value has reached."""

    edges: tuple[tuple[Real, ...], ...]
    """Between neighbouring bins, in ascending order; a bin more than edges."""
    one_hot: bool


class Spline(Struct, frozen=True, forbid_unknown_fields=True, tag="spline"):
    """Evaluate the B-splines over each column's knots."""

    knots: tuple[tuple[Real, ...], ...]
    degree: Annotated[int, Meta(ge=0, le=MAX_DEGREE)]
    clamp: bool
    """Whether values beyond the knots are moved to them."""
    bias: bool
    """Whether the last spline of each column is kept."""
    zeros: bool = False
    """Whether a missing value is a row of zeros rather than unsupported."""


class Apply(Struct, frozen=True, forbid_unknown_fields=True, tag="function"):
    """Apply a function of numpy to each number."""

    name: Function


class Power(Struct, frozen=True, forbid_unknown_fields=True, tag="power"):
    """Raise each column to a power of its own, as Box and Cox, or Yeo and Johnson, do."""

    method: Literal["box-cox", "yeo-johnson"]
    powers: tuple[Real, ...]


class Normalize(Struct, frozen=True, forbid_unknown_fields=True, tag="normalize"):
    """Divide each row by its norm."""

    norm: Literal["l1", "l2", "max"]


class Branch(Struct, frozen=True, forbid_unknown_fields=True):
    """Some of the columns, and the steps for them."""

    columns: tuple[Column, ...]
    steps: tuple["Step", ...] = ()


class Union(Struct, frozen=True, forbid_unknown_fields=True, tag="union"):
    """Put the results of branches side by side."""

    branches: tuple[Branch, ...]


Step = (
    Arithmetic | Clip | Threshold | Impute | Indicate | Select | Polynomial | Bins | Spline | Apply | Power | Normalize
    | Union
)  # fmt: skip
