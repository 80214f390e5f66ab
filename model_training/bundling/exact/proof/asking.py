"""Ask both sides about rows at edges: encoded vectors first, then rows of features."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from model_training.bundling.exact.proof.comparison import Comparison, Predict, refused_by
from model_training.bundling.exact.proof.edges import LARGEST, neighbours
from model_training.bundling.exact.proof.feature_rows import (
    Sample,
    between_values,
    categories,
    jumps,
    mapped_back,
    own_columns,
)
from model_training.bundling.exact.proof.native import Native
from model_training.bundling.exact.proof.nodes import Difference, Numbers
from model_training.bundling.exact.proof.paths import Paths
from model_training.bundling.exact.proof.served import Served

NODES = 1500
"""How many nodes are asked about by rows; all of them are by structure."""
VECTORS = 1000


def ask_vectors(
    edges: Comparison, ours: Predict, theirs: Predict, native: Native | None, sample: Sample, rng: np.random.Generator
) -> None:
    """Ask about encoded vectors: those at the edges of trees, and the sample's with one column pushed aside."""
    some = sample.encoded[rng.integers(len(sample.encoded), size=VECTORS)]
    edges.add(ours, theirs, some)
    if native is None:
        pushed = some.copy()
        columns = rng.integers(some.shape[1], size=len(some))
        pushed[np.arange(len(some)), columns] += rng.normal(size=len(some))
        edges.add(ours, theirs, np.concatenate([pushed, np.zeros((1, some.shape[1])), -some[:50]]))
        return
    paths = Paths(native)
    chosen = rng.choice(paths.inner, min(NODES, len(paths.inner)), replace=False).tolist()
    missing = not refused_by(theirs, np.full((1, some.shape[1]), np.nan))
    edges.add(ours, theirs, paths.rows(chosen, sample.encoded, rng, missing=missing))


def ask_features(
    edges: Comparison, served: Served, theirs: Predict, native: Native | None, sample: Sample, rng: np.random.Generator
) -> None:
    """Ask about rows of features: every category, numbers between values, edges mapped back, missing ones.

    Raises:
        Difference: only one side supports a row.
    """
    plan = served.encoder.plan
    for category in plan.categories:
        both = [
            row
            for row in categories(sample, category.feature, category.values, rng)
            if not _refused(served.predict, theirs, row)
        ]
        edges.add(served.predict, theirs, _joined(both, sample.X))
    of_categories = {category.feature for category in plan.categories}
    owned = {feature: columns for feature, columns in own_columns(sample, rng).items() if feature not in of_categories}
    on_edges = mapped_back(sample, _edges(native, sample, owned), rng)
    for feature in sample.numbers():
        for values in (between_values(sample, feature), on_edges.get(feature, np.zeros(0))):
            _ask_numbers(edges, served, theirs, sample.with_values(feature, np.sort(values), rng))
        lacking = sample.with_values(feature, np.array([np.nan]), rng)
        if not _refused(served.predict, theirs, lacking):
            edges.add(served.predict, theirs, lacking)


def _ask_numbers(edges: Comparison, served: Served, theirs: Predict, rows: pd.DataFrame) -> None:
    """Ask all at once; where scikit-learn refuses some, halve the rows until those are alone."""
    if not len(rows):
        return
    if not refused_by(theirs, rows):
        edges.add(served.predict, theirs, rows)
        return
    ends = [rows.iloc[[place]] for place in sorted({0, len(rows) // 2, len(rows) - 1})]
    if all([_refused(served.predict, theirs, row) for row in ends]):
        return
    for half in (rows.iloc[: len(rows) // 2], rows.iloc[len(rows) // 2 :]):
        _ask_numbers(edges, served, theirs, half)


def _edges(native: Native | None, sample: Sample, owned: Mapping[int, Sequence[int]]) -> dict[tuple[int, int], Numbers]:
    """Collect for each feature and column of its own the edges of trees, and the jumps of the encoder."""
    found = {}
    for feature, columns in owned.items():
        for column in columns:
            values = jumps(sample, column)
            if native is not None:
                mine = (native.nodes.column == column) & ~native.nodes.is_leaf
                values = np.concatenate([values, neighbours(np.unique(native.nodes.edge[mine])).ravel()])
            found[feature, column] = np.unique(values[np.abs(values) < LARGEST])
    return found


def _refused(ours: Predict, theirs: Predict, row: pd.DataFrame) -> bool:
    refused = refused_by(theirs, row)
    if refused_by(ours, row) != refused:
        raise Difference(f"a row that only {'the plan' if refused else 'scikit-learn'} supports")
    return refused


def _joined(rows: list[pd.DataFrame], like: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(rows, ignore_index=True) if rows else like.head(0)
