"""Trees whose nodes are nested, as libraries dump them, to flat nodes."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from model_training.bundling.exact.proof.structure.nodes import Nodes


class Question(NamedTuple):
    """A node that asks, with its children as the library dumps them."""

    column: int
    edge: float
    first: Any
    second: Any
    missing_first: bool = False
    members: frozenset[float] | None = None


def flatten(root: Any, read: Callable[[Any], Question | Any], target: int = 0) -> Nodes:
    """Flatten a tree.

    Args:
        root: its first node.
        read: returns a node's question, or its leaf's numbers.
        target: the output that its leaves add to.
    """
    todo, found = [root], []
    children: list[tuple[int, int]] = []
    for native in todo:  # It grows on the way.
        node = read(native)
        found.append(node)
        children.append((0, 0))
        if isinstance(node, Question):
            children[-1] = (len(todo), len(todo) + 1)
            todo += [node.first, node.second]
    asks = [node if isinstance(node, Question) else Question(0, 0.0, None, None) for node in found]
    leaf = [None if isinstance(node, Question) else np.atleast_1d(np.asarray(node, np.float64)) for node in found]
    width = next(len(value) for value in leaf if value is not None)
    return Nodes(
        roots=np.zeros(1, dtype=np.int64),
        is_leaf=np.array([value is not None for value in leaf]),
        column=np.array([ask.column for ask in asks], dtype=np.int64),
        edge=np.array([ask.edge for ask in asks], dtype=np.float64),
        missing_first=np.array([ask.missing_first for ask in asks], dtype=bool),
        first=np.array([first for first, _ in children], dtype=np.int64),
        second=np.array([second for _, second in children], dtype=np.int64),
        leaf=np.array([np.zeros(width) if value is None else value for value in leaf]),
        target=np.full(len(found), target),
        members={number: ask.members for number, ask in enumerate(asks) if ask.members is not None},
    )
