"""Numbers of features at which what is encoded crosses an edge of a tree, or jumps."""

from collections.abc import Sequence

import numpy as np

from model_training.bundling.exact.proof.rows.crossings import Targets, crossings
from model_training.bundling.exact.proof.rows.features import Sample
from model_training.bundling.exact.proof.structure.nodes import Numbers

MOST = 100
"""How many edges of one column are mapped back; all of them are asked about as vectors or by structure."""
FEW = 60
"""A column with no more values than this is discrete: it jumps."""


def mapped_back(sample: Sample, wanted: Sequence[Targets], rng: np.random.Generator) -> dict[int, Numbers]:
    """Return for each feature its numbers just before, at and just behind the values to cross.

    Args:
        sample: the rows.
        wanted: the values to cross.
        rng: draws the other features.
    """
    wanted = [targets for targets in wanted if len(targets.value)]
    if not wanted:
        return {}
    targets = Targets(*(np.concatenate(columns) for columns in zip(*wanted, strict=True)))
    crossed, pairs = crossings(sample.encode, sample.repeated(len(targets.feature), rng), targets)
    found = {}
    for feature in np.unique(targets.feature[crossed]).tolist():
        mine = pairs[crossed & (targets.feature == feature)]
        beside = [np.nextafter(mine[:, 0], -np.inf), np.nextafter(mine[:, 1], np.inf)]
        found[feature] = np.unique(np.concatenate([mine.ravel(), *(() if sample.is_whole(feature) else beside)]))
    return found


def edges(sample: Sample, feature: int, column: int, values: Numbers, rng: np.random.Generator) -> Targets:
    """Search for values of a column among all numbers of the feature that makes it."""
    values = values if len(values) <= MOST else rng.choice(values, MOST, replace=False)
    known = sample.values(feature)
    reach = max(1.0, float(known[-1] - known[0]))
    low = known[0] - reach if sample.kinds[feature] != "u" else max(0.0, known[0] - reach)
    same = np.ones(len(values))
    return _targets(feature, column, values, low * same, (known[-1] + reach) * same)


def jumps(sample: Sample, feature: int, columns: Sequence[int], rng: np.random.Generator) -> list[Targets]:
    """Search for the jumps of discrete columns between neighbouring numbers of the feature that makes them."""
    values = sample.values(feature)
    encoded = sample.encode(sample.with_values(feature, values, rng))
    found = []
    for column in columns:
        mine = encoded[:, column]
        if len(np.unique(sample.encoded[:, column])) <= FEW and np.isfinite(mine).all():
            place = np.flatnonzero(mine[1:] != mine[:-1])
            halves = mine[place] / 2 + mine[place + 1] / 2
            found.append(_targets(feature, column, halves, values[place], values[place + 1]))
    return found


def _targets(feature: int, column: int, values: Numbers, low: Numbers, high: Numbers) -> Targets:
    places = np.ones(len(values), dtype=np.int64)
    return Targets(feature * places, column * places, values, low, high)
