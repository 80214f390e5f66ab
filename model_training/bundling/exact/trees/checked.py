"""Checks of what a file holds: whatever is wrong with it is an expected failure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.structure import Integers, Tree

MAX_OUTPUTS, MAX_FEATURES = 10_000, 100_000


@contextmanager
def reading(library: str) -> Iterator[None]:
    """Turn whatever fails in a reader into a refusal.

    Raises:
        Refused: the file is not one of the library's, or is damaged.
    """
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        # Files come from anywhere: what is missing or of another type there shows in many exceptions.
        raise Refused(f"a damaged file of {library}: {type(error).__name__} at {str(error)[:80]!r}") from error


def count(value: Any, what: str, most: int) -> int:
    """Return a whole number from 0 to `most`.

    Raises:
        Refused: it is another one.
    """
    number = int(value)
    if not 0 <= number <= most:
        raise Refused(f"{number} {what}; at most {most} are supported")
    return number


def check_keys(found: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    """Refuse fields that might mean something.

    Raises:
        Refused: there is one that is not known.
    """
    if unknown := sorted(found.keys() - set(known)):
        raise Refused(f"{where} has the field {unknown[0][:60]!r}, which is not supported")


def check_tree(tree: Tree, features: int) -> Tree:
    """Check a tree, and drop the nodes that nothing leads to.

    Raises:
        Refused: it is no tree, asks about a feature that does not exist, or has a number that is not finite.
    """
    reached = _reached(tree)
    inner = reached[tree.left[reached] >= 0]
    leaves = reached[tree.left[reached] < 0]
    asked = tree.feature[inner]
    if ((asked < 0) | (asked >= features)).any():
        raise Refused(f"a tree asks about a feature that is none of the {features}")
    if np.isnan(tree.threshold[inner]).any() or not np.isfinite(tree.value[leaves]).all():
        raise Refused("a tree has a number that is not finite")
    if any(not all(0 <= member < 2**31 for member in members) for members in tree.sets.values()):
        raise Refused("a category is negative or too large")
    return tree if len(reached) == len(tree.left) else _kept(tree, reached)


def _reached(tree: Tree) -> Integers:
    """Return the nodes below the root, in order; each has one parent."""
    size, level = len(tree.left), np.zeros(1, dtype=np.int64)
    levels, seen = [level], 1
    if ((tree.left < 0) != (tree.right < 0)).any():
        raise Refused("a node has one child")
    while len(level):
        inner = level[tree.left[level] >= 0]
        level = np.concatenate([tree.left[inner], tree.right[inner]])
        seen += len(level)
        if seen > size or (level <= 0).any() or (level >= size).any():
            raise Refused("nodes do not form a tree")
        levels.append(level)
    found = np.unique(np.concatenate(levels))
    if len(found) != seen:
        raise Refused("a node has two parents")
    return found


def _kept(tree: Tree, nodes: Integers) -> Tree:
    place = np.full(len(tree.left), -1)
    place[nodes] = np.arange(len(nodes))
    inner = tree.left[nodes] >= 0
    return replace(
        tree,
        feature=tree.feature[nodes],
        threshold=tree.threshold[nodes],
        left=np.where(inner, place[tree.left[nodes]], -1),
        right=np.where(inner, place[tree.right[nodes]], -1),
        missing_left=tree.missing_left[nodes],
        value=tree.value[nodes],
        sets={int(place[node]): members for node, members in tree.sets.items() if place[node] >= 0},
    )


def finite(value: Any, what: str) -> float:
    """Return a finite number.

    Raises:
        Refused: it is none.
    """
    number = float(value)
    if not math.isfinite(number):
        raise Refused(f"{what} is not finite")
    return number


def class_labels(classes: tuple[Any, ...] | None, number: int) -> tuple[Any, ...]:
    """Return the labels, by default 0, 1, 2 ...

    Raises:
        Refused: there is another number of them.
    """
    if classes is None:
        return tuple(range(number))
    if len(classes) != number:
        raise Refused(f"{len(classes)} labels for {number} classes")
    return tuple(classes)
