"""One representation of tree ensembles, whatever library has grown them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from model_training.bundling.exact.refused import Refused

MAX_NODES = 2_000_000

Numbers = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Treatment = Literal["number", "floor", "truncate", "zero-is-missing"]
Rule = Literal["argmax", "raw", "above", "from"]


@dataclass(frozen=True)
class Tree:
    """Nodes in arrays; the first is the root, and `left` is -1 at a leaf.

    A row goes left where its value is at most `threshold`, or belongs to the node's set where it has one; a missing
    value (NaN) goes left where `missing_left` says so.
    """

    feature: Integers
    threshold: Numbers
    left: Integers
    right: Integers
    missing_left: npt.NDArray[np.bool_]
    value: Numbers
    """Of shape [nodes, 1], or [nodes, outputs] where a leaf adds to every output."""
    target: int = 0
    """The output that a leaf of one value adds to."""
    sets: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """For each node that asks for categories: those that go left."""

    @property
    def leaves(self) -> Integers:
        """The leaves, in the order of the nodes."""
        return np.flatnonzero(self.left < 0)

    @property
    def inner(self) -> Integers:
        """The nodes that are no leaves."""
        return np.flatnonzero(self.left >= 0)


@dataclass(frozen=True)
class Link:
    """How sums become probabilities or values: `kind` names a function of `graph.links`."""

    kind: str = "identity"
    slope: float = 1.0
    """Of logistic functions."""


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """Trees, and what a library does before and after them."""

    trees: tuple[Tree, ...]
    n_features: int
    """The width of the matrix that comes in."""
    n_outputs: int
    order: tuple[int, ...] | None = None
    """The column of the matrix that is each feature of the trees; None: they are the same."""
    codes: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    """For each feature of the trees that is a code: the values, in the order of codes; any other value is missing."""
    compare: type[np.floating[Any]] = np.float64
    """What values are rounded to before they are compared."""
    add: type[np.floating[Any]] = np.float64
    """What leaf values are added up in, one tree after the other."""
    treatments: tuple[Treatment, ...] | None = None
    """What happens to each feature first."""
    missing: float | None = None
    """A number that means missing, besides NaN."""
    absent_zeros: bool = False
    """Whether zeros, before they are rounded, mean missing."""
    scale: float = 1.0
    divisor: float = 1.0
    bias: tuple[float, ...] = ()
    """Added last; what is added first is in the leaves of the first trees."""
    link: Link = Link()
    classes: tuple[Any, ...] | None = None
    rule: Rule = "argmax"
    """How the class is chosen; see `graph.written`."""
    names: tuple[str, ...] = ()
    """The names of the outputs of a regression; empty if they have none."""

    def __post_init__(self) -> None:
        """Refuse what is too large.

        Raises:
            Refused: it has more than `MAX_NODES` nodes.
        """
        if self.n_nodes > MAX_NODES:
            raise Refused(f"{self.n_nodes} nodes; {MAX_NODES} are allowed")

    @property
    def n_nodes(self) -> int:
        """How many nodes all trees have."""
        return sum(len(tree.left) for tree in self.trees)

    @property
    def has_vectors(self) -> bool:
        """Whether leaves add to every output."""
        return any(tree.value.shape[1] > 1 for tree in self.trees)


def with_start(trees: Sequence[Tree], start: Numbers, add: type[np.floating[Any]]) -> tuple[Tree, ...]:
    """Add start values to the leaves of each output's first tree, rounded as the library's first addition is.

    Raises:
        Refused: a start value for leaves that are vectors.
    """
    found, todo = [], {target for target in range(len(start)) if start[target] != 0}
    for tree in trees:
        if tree.target in todo:
            if tree.value.shape[1] > 1:
                raise Refused("a start value for leaves that are vectors")
            todo.remove(tree.target)
            first = add(start[tree.target]) + tree.value.astype(add)
            found.append(replace(tree, value=first.astype(np.float64)))
        else:
            found.append(tree)
    return (*found, *(lone_leaf(float(add(start[target])), target) for target in sorted(todo)))


def quantile_names(quantiles: Sequence[float]) -> tuple[str, ...]:
    """Name the outputs that are quantiles, if all are different."""
    names = tuple(f"quantile_{float(quantile):g}" for quantile in quantiles)
    return names if len(set(names)) == len(names) else ()


def lone_leaf(value: float, target: int = 0) -> Tree:
    """Make a tree of one leaf."""
    zero = np.zeros(1, dtype=np.int64)
    return Tree(zero, np.zeros(1), zero - 1, zero - 1, np.zeros(1, dtype=bool), np.array([[value]]), target)
