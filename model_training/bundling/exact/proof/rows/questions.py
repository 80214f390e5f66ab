"""Rows with scikit-learn's answers: encoded vectors at edges, and rows of features."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from function.model.plan.structs import Plan
from model_training.bundling.exact.proof.rows.features import (
    Sample,
    between_values,
    categories,
    jumps,
    mapped_back,
    own_columns,
)
from model_training.bundling.exact.proof.rows.paths import Paths
from model_training.bundling.exact.proof.rows.served import Answer
from model_training.bundling.exact.proof.structure.edges import LARGEST, neighbours
from model_training.bundling.exact.proof.structure.native import Native
from model_training.bundling.exact.proof.structure.nodes import Numbers

UNTAKEN = (ValueError, TypeError)
NODES = 1500
"""How many nodes are asked about by rows; all of them are by structure."""
VECTORS = 1000
SHIFTS = 50

Predict = Callable[[Any], Answer]


class Question(NamedTuple):
    """Rows, [n], of features or encoded; the encoded vectors and the answers, None where scikit-learn refuses them."""

    rows: Any
    encoded: Numbers | None
    answer: Answer | None


class Asker:
    """Collects questions about one model."""

    def __init__(self, sample: Sample, plan: Plan, native: Native | None, predict: Predict, seed: int) -> None:
        """`predict` is scikit-learn's estimator, over encoded vectors."""
        self._sample = sample
        self._plan = plan
        self._native = native
        self._predict = predict
        self._rng = np.random.default_rng(seed)

    def vectors(self) -> Iterator[Question]:
        """Ask about encoded vectors: of the sample, pushed aside, and at the edges of trees."""
        encoded = self._sample.encoded
        some = encoded[self._rng.integers(len(encoded), size=VECTORS)]
        pushed = some.copy()
        columns = self._rng.integers(some.shape[1], size=len(some))
        pushed[np.arange(len(some)), columns] += self._rng.normal(size=len(some))
        nothing = np.full((1, some.shape[1]), np.nan)
        yield from map(self._of_vectors, (some, pushed, -some[:SHIFTS], 0 * nothing, nothing))
        if self._native is not None:
            paths = Paths(self._native)
            chosen = self._rng.choice(paths.inner, min(NODES, len(paths.inner)), replace=False).tolist()
            yield self._of_vectors(paths.rows(chosen, encoded, self._rng, missing=self._plan.missing))

    def features(self) -> Iterator[Question]:
        """Ask about rows of features: every category, numbers between values, edges mapped back, missing ones."""
        for category in self._plan.categories:
            yield from self._each(categories(self._sample, category.feature, category.values, self._rng))
        on_edges = mapped_back(self._sample, self._edges(), self._rng)
        for feature in self._sample.numbers():
            for values in (between_values(self._sample, feature), on_edges.get(feature, np.zeros(0))):
                yield from self._halved(self._sample.with_values(feature, np.sort(values), self._rng))
            yield self._of_features(self._sample.with_values(feature, np.array([np.nan]), self._rng))

    def _of_vectors(self, rows: Numbers) -> Question:
        try:
            return Question(rows, None, self._predict(rows))
        except UNTAKEN:
            return Question(rows, None, None)

    def _of_features(self, rows: pd.DataFrame) -> Question:
        try:
            encoded = self._sample.encode(rows)
            return Question(rows, encoded, self._predict(encoded))
        except UNTAKEN:
            return Question(rows, None, None)

    def _each(self, rows: Iterator[pd.DataFrame]) -> Iterator[Question]:
        """Ask row by row; those that are supported make one question."""
        asked = [self._of_features(row) for row in rows]
        yield from (question for question in asked if question.answer is None)
        supported = [question.rows for question in asked if question.answer is not None]
        if supported:
            yield self._of_features(pd.concat(supported, ignore_index=True))

    def _halved(self, rows: pd.DataFrame) -> Iterator[Question]:
        """Ask all at once; where scikit-learn refuses some, halve the rows until those are alone."""
        question = self._of_features(rows)
        if question.answer is not None or len(rows) <= 1:
            if len(rows):
                yield question
            return
        ends = [self._of_features(rows.iloc[[place]]) for place in (0, len(rows) // 2, len(rows) - 1)]
        if all(end.answer is None for end in ends):
            yield from ends
            return
        yield from self._halved(rows.iloc[: len(rows) // 2])
        yield from self._halved(rows.iloc[len(rows) // 2 :])

    def _edges(self) -> Mapping[tuple[int, int], Numbers]:
        """Collect for each feature and column of its own the edges of trees, and the jumps of the encoder."""
        found = {}
        mixed = {category.feature for category in self._plan.categories}
        for feature, columns in own_columns(self._sample, self._rng).items():
            for column in columns if feature not in mixed else ():
                found[feature, column] = self._targets(column)
        return found

    def _targets(self, column: int) -> Numbers:
        values: Sequence[Numbers] = [jumps(self._sample, column)]
        if self._native is not None:
            mine = (self._native.nodes.column == column) & ~self._native.nodes.is_leaf
            values = [*values, neighbours(np.unique(self._native.nodes.edge[mine])).ravel()]
        every = np.concatenate(values)
        return np.unique(every[np.abs(every) < LARGEST])
