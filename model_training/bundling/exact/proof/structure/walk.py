"""The structural proof: a model's trees and a graph's are walked in step, all trees of a level at once.

A node's question is put to both sides at every value where either could change its answer, so equal answers there are
equal answers for every value.
"""

from typing import NamedTuple

import numpy as np
import onnx

from model_training.bundling.exact.proof.structure.edges import around
from model_training.bundling.exact.proof.structure.emitted import Emitted
from model_training.bundling.exact.proof.structure.nodes import Difference, Flags, Integers, Native, Nodes, Numbers
from model_training.bundling.exact.proof.structure.tail import compare_tails

CHUNK_CELLS = 4_000_000


class Structure(NamedTuple):
    """What the structural proof compared."""

    trees: int
    questions: int
    leaves: int


def prove_structure(native: Native, graph: onnx.ModelProto) -> Structure:
    """Compare a model with the graph compiled from it.

    Raises:
        Difference: naming the first one.
    """
    emitted = Emitted(graph)
    ours, theirs = native.nodes, emitted.trees()
    if len(ours.roots) != len(theirs.roots):
        raise Difference(f"{len(theirs.roots)} trees for {len(ours.roots)}")
    columns = _columns(emitted)
    a, b = ours.roots, theirs.roots
    questions = leaves = 0
    while len(a):
        at_leaf = _compare_leaves(ours, theirs, a, b)
        leaves += int(at_leaf.sum())
        a, b = a[~at_leaf], b[~at_leaf]
        questions += len(a)
        if (ours.column[a] != columns[theirs.column[b]]).any():
            raise Difference("a question about another column")
        a, b = _children(native, emitted, theirs, a, b)
    compare_tails(native, emitted, max(ours.leaf.shape[1], 1 + int(ours.target.max())))
    return Structure(len(ours.roots), questions, leaves)


def _columns(emitted: Emitted) -> Integers:
    """Find the column of the input behind each feature of the operator: that which alone makes it another value."""
    nothing = np.full((1, emitted.width), np.nan)
    found = np.full(emitted.prepared(nothing).shape[1], -1)
    for value in (0.0, 1.0, 2.0, 3.0, 1e6):
        probes = np.full((emitted.width, emitted.width), np.nan)
        np.fill_diagonal(probes, value)
        column, feature = np.nonzero(~np.isnan(emitted.prepared(probes)))
        found[feature] = column
    return found


def _compare_leaves(ours: Nodes, theirs: Nodes, a: Integers, b: Integers) -> Flags:
    """Compare the leaves among pairs of nodes, bit by bit; return which pairs are leaves."""
    at_leaf = ours.is_leaf[a]
    found = b[at_leaf]
    # A tree of one leaf may be a question whose answers are the same.
    lone = ~theirs.is_leaf[found]
    if lone.any():
        both = np.stack([theirs.first[found[lone]], theirs.second[found[lone]]])
        if not theirs.is_leaf[both].all() or (theirs.leaf[both[0]] != theirs.leaf[both[1]]).any():
            raise Difference("a question for a leaf")
        found = found.copy()
        found[lone] = both[0]
    if theirs.is_leaf[b[~at_leaf]].any():
        raise Difference("a leaf for a question")
    mine = a[at_leaf]
    if (ours.leaf[mine] != theirs.leaf[found]).any() or (ours.target[mine] != theirs.target[found]).any():
        raise Difference("another value of a leaf")
    return at_leaf


def _children(native: Native, emitted: Emitted, theirs: Nodes, a: Integers, b: Integers) -> tuple[Integers, Integers]:
    """Put each pair of questions at its edges; return the pairs of children."""
    ours = native.nodes
    swapped = np.zeros(len(a), dtype=bool)
    in_set = np.array([n in ours.members or m in theirs.members for n, m in zip(a.tolist(), b.tolist(), strict=True)])
    plain = np.flatnonzero(~in_set) if len(in_set) else np.zeros(0, dtype=np.int64)
    step = max(1, CHUNK_CELLS // (emitted.width * 16))
    for start in range(0, len(plain), step):
        some = plain[start : start + step]
        swapped[some] = _same_edges(native, emitted, theirs, a[some], b[some])
    for i in np.flatnonzero(in_set).tolist():
        swapped[i] = _same_set(native, emitted, theirs, int(a[i]), int(b[i]))
    first = np.where(swapped, theirs.second[b], theirs.first[b])
    second = np.where(swapped, theirs.first[b], theirs.second[b])
    return np.concatenate([ours.first[a], ours.second[a]]), np.concatenate([first, second])


def _same_edges(native: Native, emitted: Emitted, theirs: Nodes, a: Integers, b: Integers) -> Flags:
    ours = native.nodes
    values = around(np.column_stack([ours.edge[a], theirs.edge[b]]))
    x = native.round_values(values, ours.column[a])
    mine = np.where(np.isnan(x), ours.missing_first[a][:, None], x <= ours.edge[a][:, None])
    z = _prepared(emitted, values, theirs.column[b])
    its = np.where(np.isnan(z), theirs.missing_first[b][:, None], z <= theirs.edge[b][:, None])
    return _swapped(mine, its)


def _prepared(emitted: Emitted, values: Numbers, features: Integers) -> Numbers:
    """Run what the graph does to values of a feature first; values are [n, m], features are [n]."""
    flat = values.ravel()
    every = emitted.prepared(np.repeat(flat[:, None], emitted.width, axis=1))
    return every[np.arange(len(flat)), np.repeat(features, values.shape[1])].reshape(values.shape)


def _same_set(native: Native, emitted: Emitted, theirs: Nodes, a: int, b: int) -> bool:
    """Compare two questions about a set at every member of either, and around them."""
    ours = native.nodes
    mine, its = ours.members.get(a), theirs.members.get(b)
    if mine is None or its is None:
        raise Difference("a set for an edge")
    listed = np.array([sorted(mine | its)], dtype=np.float64)
    values = np.unique(np.concatenate([around(listed)[0], np.arange(-1.0, 300.0), listed[0] + 1, listed[0] - 1]))
    column = int(ours.column[a])
    x = native.round_values(values[None, :], np.array([column]))[0]
    absent = np.isnan(x) | ~np.isin(x, sorted(native.known.get(column, x.tolist())))
    answers = np.where(absent, ours.missing_first[a], np.isin(x, sorted(mine)))
    z = _prepared(emitted, values[None, :], np.array([theirs.column[b]]))[0]
    found = np.where(np.isnan(z), theirs.missing_first[b], np.isin(z, sorted(its)))
    return bool(_swapped(answers[None, :], found[None, :])[0])


def _swapped(mine: Flags, its: Flags) -> Flags:
    same: Flags = (mine == its).all(axis=1)
    opposite: Flags = (mine != its).all(axis=1)
    if not (same | opposite).all():
        raise Difference("a question with another answer at an edge")
    return opposite
