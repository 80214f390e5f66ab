"""Encoded vectors that reach a node and lie on its edge."""

from collections.abc import Sequence

import numpy as np

from model_training.bundling.exact.proof.structure.edges import LARGEST, neighbours
from model_training.bundling.exact.proof.structure.nodes import Integers, Native, Nodes, Numbers

MEMBERS = 40
STRANGE = (-1.0, -0.5, 0.5, 1e6, 2.0**24, 3e9)


class Paths:
    """The way to each node of all trees."""

    def __init__(self, native: Native) -> None:
        """Find the parent of each node."""
        self._nodes = native.nodes
        self._known = {**_listed(native.nodes), **native.known}
        inner = np.flatnonzero(~native.nodes.is_leaf)
        self._parent = np.full(len(native.nodes.is_leaf), -1)
        self._is_first = np.zeros(len(native.nodes.is_leaf), dtype=bool)
        self._parent[native.nodes.first[inner]] = inner
        self._is_first[native.nodes.first[inner]] = True
        self._parent[native.nodes.second[inner]] = inner
        self.inner: Integers = inner

    def rows(self, chosen: Sequence[int], sample: Numbers, rng: np.random.Generator, *, missing: bool) -> Numbers:
        """Return for each node chosen the rows at its edge, other columns as in the sample where the path allows."""
        found = []
        for node in chosen:
            row = self._reaching(node, sample[rng.integers(len(sample))].copy())
            values = self._values(node)
            rows = np.repeat(row[None, :], len(values) + missing, axis=0)
            rows[: len(values), self._nodes.column[node]] = values
            if missing:
                rows[-1, self._nodes.column[node]] = np.nan
            found.append(rows)
        return np.concatenate(found) if found else sample[:0]

    def _values(self, node: int) -> Numbers:
        if node not in self._nodes.members:
            values = neighbours(self._nodes.edge[[node]])[0]
            return np.where(np.abs(values) > LARGEST, 0.0, values)
        known = sorted(self._known.get(int(self._nodes.column[node]), ()))
        members = sorted(self._nodes.members[node])[:MEMBERS]
        return np.array([*members, *known[:MEMBERS], *(value + 1 for value in known[-1:]), *STRANGE])

    def _reaching(self, node: int, row: Numbers) -> Numbers:
        """Change a row so that it comes to a node."""
        limits, sets = self._conditions(node)
        for column, (low, high) in limits.items():
            if low > LARGEST:
                # Only what is missing is not at most infinity.
                row[column] = np.nan
            elif not low < row[column] <= high:
                row[column] = high if np.isfinite(high) else np.nextafter(np.float32(low), np.float32(np.inf))
        for column, (within, without) in sets.items():
            allowed = (within if within is not None else self._known[column]) - without
            if allowed and row[column] not in allowed:
                row[column] = min(allowed)
        return row

    def _conditions(
        self, node: int
    ) -> tuple[dict[int, tuple[float, float]], dict[int, tuple[frozenset[float] | None, frozenset[float]]]]:
        """Return for each column on the way the interval, or the set and its exceptions, that the way needs."""
        nodes: Nodes = self._nodes
        limits: dict[int, tuple[float, float]] = {}
        sets: dict[int, tuple[frozenset[float] | None, frozenset[float]]] = {}
        while self._parent[node] >= 0:
            parent, is_first = int(self._parent[node]), bool(self._is_first[node])
            column = int(nodes.column[parent])
            if parent in nodes.members:
                within, without = sets.get(column, (None, frozenset()))
                chosen = nodes.members[parent]
                both = chosen if within is None else within & chosen
                sets[column] = (both, without) if is_first else (within, without | chosen)
            else:
                low, high = limits.get(column, (-np.inf, np.inf))
                edge = float(nodes.edge[parent])
                limits[column] = (low, min(high, edge)) if is_first else (max(low, edge), high)
            node = parent
        return limits, sets


def _listed(nodes: Nodes) -> dict[int, frozenset[float]]:
    """Return for each column that holds categories those that questions list, and one more."""
    found: dict[int, frozenset[float]] = {}
    for node, members in nodes.members.items():
        column = int(nodes.column[node])
        found[column] = found.get(column, frozenset()) | members
    return {column: members | {max(members, default=-1.0) + 1} for column, members in found.items()}
