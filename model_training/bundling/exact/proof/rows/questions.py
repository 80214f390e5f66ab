"""Rows with the fitted model's answers: encoded vectors at edges, and rows of features."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from function.model.plan.structs import Plan
from model_training.bundling.exact.proof.rows.crossings import Targets
from model_training.bundling.exact.proof.rows.features import (
    Sample,
    between_values,
    categories,
    date_edges,
    own_columns,
)
from model_training.bundling.exact.proof.rows.mapping import edges, jumps, mapped_back
from model_training.bundling.exact.proof.rows.paths import Paths
from model_training.bundling.exact.proof.rows.served import Answer
from model_training.bundling.exact.proof.structure.edges import LARGEST, neighbours
from model_training.bundling.exact.proof.structure.nodes import Native, Numbers
from model_training.bundling.exact.refused import UNSUPPORTED_ERRORS

NODES = 1500
"""How many nodes are asked about by rows; all of them are by structure."""
VECTORS = 1000
SHIFTS = 50

Predict = Callable[[Any], Answer]


class Question(NamedTuple):
    """Rows, [n], of features or encoded; the encoded vectors and the answers, None where the model refuses them."""

    rows: Any
    encoded: Numbers | None
    answer: Answer | None


class Asker:
    """Collects questions about one model."""

    def __init__(self, sample: Sample, plan: Plan, native: Native | None, predict: Predict, seed: int) -> None:
        """`predict` is the fitted estimator's, over encoded vectors."""
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
        """Ask about rows of features: every category, numbers between values, dates at the ends of their parts."""
        yield from self._dates()
        for category in self._plan.categories:
            for rows in categories(self._sample, category.feature, category.values, self._rng):
                yield from self._halved(rows)
        on_edges = mapped_back(self._sample, list(self._targets()), self._rng)
        for feature in self._sample.numbers():
            for values in (between_values(self._sample, feature), on_edges.get(feature, np.zeros(0))):
                yield from self._halved(self._sample.with_values(feature, np.sort(values), self._rng))
            yield self._of_features(self._sample.with_values(feature, np.array([np.nan]), self._rng))

    def _dates(self) -> Iterator[Question]:
        for feature in self._sample.dates():
            for times in (date_edges(self._sample, feature), np.array(["NaT"], "datetime64[s]")):
                rows = self._sample.repeated(len(times), self._rng)
                rows.isetitem(feature, times)
                yield from self._halved(rows)

    def _of_vectors(self, rows: Numbers) -> Question:
        try:
            return Question(rows, None, self._predict(rows))
        except UNSUPPORTED_ERRORS:
            return Question(rows, None, None)

    def _of_features(self, rows: pd.DataFrame) -> Question:
        try:
            encoded = self._sample.encode(rows)
            return Question(rows, encoded, self._predict(encoded))
        except UNSUPPORTED_ERRORS:
            return Question(rows, None, None)

    def _halved(self, rows: pd.DataFrame) -> Iterator[Question]:
        """Ask all at once; where the fitted model refuses some, halve the rows until those are alone."""
        question = self._of_features(rows)
        if question.answer is not None or len(rows) == 1:
            yield question
        if question.answer is not None or len(rows) <= 1:
            return
        ends = [self._of_features(rows.iloc[[place]]) for place in (0, len(rows) // 2, len(rows) - 1)]
        if all(end.answer is None for end in ends):
            yield from ends
            return
        yield from self._halved(rows.iloc[: len(rows) // 2])
        yield from self._halved(rows.iloc[len(rows) // 2 :])

    def _targets(self) -> Iterator[Targets]:
        """Collect what each feature's own columns must cross: edges of trees, and jumps of the encoder."""
        mixed = {category.feature for category in self._plan.categories}
        for feature, columns in own_columns(self._sample, self._rng).items():
            if feature in mixed or not len(self._sample.values(feature)):
                continue
            yield from jumps(self._sample, feature, columns, self._rng)
            for column in columns:
                yield edges(self._sample, feature, column, self._edges(column), self._rng)

    def _edges(self, column: int) -> Numbers:
        if self._native is None:
            return np.zeros(0)
        mine = (self._native.nodes.column == column) & ~self._native.nodes.is_leaf
        every = np.unique(neighbours(self._native.nodes.edge[mine]))
        return every[np.abs(every) < LARGEST]
