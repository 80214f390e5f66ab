"""The nodes of many trees in flat arrays: what both sides of the structural proof are turned into."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Difference(AssertionError):
    """The first difference between a model and what was compiled from it."""


@dataclass(frozen=True)
class Nodes:
    """All nodes of all trees; a row goes to the first child where its value is at most the edge, or in the set."""

    roots: Integers
    is_leaf: Flags
    column: Integers
    """The column of the estimator's input that a node asks about."""
    edge: Numbers
    missing_first: Flags
    first: Integers
    second: Integers
    leaf: Numbers
    """What a leaf adds, [nodes, 1] or [nodes, outputs]."""
    target: Integers
    """The output that a leaf's one number adds to; 0 of vectors."""
    members: Mapping[int, frozenset[float]]
    """For each node that asks for categories: the values, as the estimator sees them, that go to the first child."""


def join(parts: Sequence[Nodes]) -> Nodes:
    """Put the nodes of several groups of trees behind one another."""
    sizes = np.cumsum([0, *(len(part.is_leaf) for part in parts)])
    shifted: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) + start for part, start in zip(parts, sizes[:-1], strict=True)])
        for name in ("roots", "first", "second")
    }
    same: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("is_leaf", "column", "edge", "missing_first", "leaf", "target")
    }
    members = {
        node + int(start): values
        for part, start in zip(parts, sizes[:-1], strict=True)
        for node, values in part.members.items()
    }
    return Nodes(**shifted, **same, members=members)


@dataclass(frozen=True)
class Native:
    """What a library's trees are, and what it does to a value first and to sums last."""

    nodes: Nodes
    round_values: Callable[[Numbers, Integers], Numbers]
    """What the library compares of values, [n, m], given the column of each row, [n]."""
    decide: Callable[[Numbers], tuple[Any, Numbers | None]]
    """Return the labels (or values), [n], and probabilities for sums, [n, outputs]."""
    known: Mapping[int, frozenset[float]] = field(default_factory=dict)
    """For columns that hold categories: the values that the estimator knows, where others are missing."""
    add: type[np.floating[Any]] = np.float64
    """What leaves are added up in."""
    chooses_rounded: bool = False
    """Whether the label is chosen by probabilities, where they can round to equals what sums tell apart."""
