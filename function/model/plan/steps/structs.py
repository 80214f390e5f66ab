"""The kinds of steps, as data; each computes in the order of scikit-learn's own arithmetic."""

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
    """Combine each column with its own number."""

    operator: Operator
    values: tuple[Real, ...]


class Clip(Struct, frozen=True, forbid_unknown_fields=True, tag="clip"):
    """Replace numbers outside a range by its nearer end."""

    low: Real
    high: Real


class Threshold(Struct, frozen=True, forbid_unknown_fields=True, tag="threshold"):
    """Replace numbers above a threshold by 1, all others by 0."""

    value: Real


class Impute(Struct, frozen=True, forbid_unknown_fields=True, tag="impute"):
    """Replace missing values by one number for each column."""

    values: tuple[Real, ...]
    marker: Real | None = None
    """The number that means missing; None: NaN."""


class Indicate(Struct, frozen=True, forbid_unknown_fields=True, tag="indicate"):
    """Replace missing values by 1 and all others by 0, in the listed columns."""

    columns: tuple[Column, ...]
    marker: Real | None = None
    others: bool = False
    """Whether the other columns may have missing values."""


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
    """Count, for each column, the edges that a value has reached."""

    edges: tuple[tuple[Real, ...], ...]
    """The edges between neighbouring bins, in ascending order: one fewer than bins."""
    one_hot: bool


class Spline(Struct, frozen=True, forbid_unknown_fields=True, tag="spline"):
    """Evaluate the B-splines over each column's knots."""

    knots: tuple[tuple[Real, ...], ...]
    degree: Annotated[int, Meta(ge=0, le=MAX_DEGREE)]
    clamp: bool
    """Whether values beyond the knots are replaced by the nearest knot."""
    bias: bool
    """Whether the last spline of each column is kept."""
    zeros: bool = False
    """Whether a missing value becomes zeros; otherwise it is not supported."""


class Apply(Struct, frozen=True, forbid_unknown_fields=True, tag="function"):
    """Apply a function of numpy to each number."""

    name: Function


class Power(Struct, frozen=True, forbid_unknown_fields=True, tag="power"):
    """Apply the transform of Box and Cox, or of Yeo and Johnson, with one power for each column."""

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
