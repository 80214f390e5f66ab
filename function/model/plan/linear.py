"""Linear models on a plan: coefficients are looked up by code, without the encoded matrix."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from function.model.plan.errors import BadPlan, UnsupportedRow
from function.model.plan.inputs import Inputs
from function.model.plan.links import PROBABILITIES, VALUES
from function.model.plan.sources import PreparedSource, prepare_source
from function.model.plan.steps.prepared import Matrix
from function.model.plan.structs import MAX_WIDTH, Linear, Plan

BINARY = 2
MAX_TABLE_NUMBERS = 10_000_000
"""The maximum numbers in one category's table of coefficients; beyond it, rows are multiplied one by one."""


class Prediction(NamedTuple):
    """Labels (classes, or values of a regression), [n]; what computes the probabilities, if the model has them."""

    labels: npt.NDArray[Any]
    probabilities: Callable[[], Matrix] | None
    """Returns finite numbers, [n, classes] or, of two classes, those of the second, [n]; most requests need none."""


_Term = Callable[[Inputs], Matrix]


class LinearModel:
    """Predicts from inputs, or from an encoded matrix; threads may share it."""

    def __init__(self, plan: Plan, linear: Linear) -> None:
        """Check the coefficients and build a table of them for each code.

        Raises:
            BadPlan: they do not fit the encoder or the classes.
        """
        root = prepare_source(plan.encoder, plan)
        _check(linear, root.width)
        self._linear = linear
        self._weights = np.array(linear.coefficients, dtype=np.float64)
        self._intercept = np.array(linear.intercept, dtype=np.float64)
        # Steps after all sources would mix the sources' columns.
        separate = plan.encoder.sources if not plan.encoder.steps else ()
        sources = [prepare_source(source, plan) for source in separate] or [root]
        self._terms = _terms(sources, self._weights)
        self._link = PROBABILITIES.get(linear.link)
        self._can_overflow = bool(root.numeric) or any(source.table is not None for source in sources)
        self._classes = None if linear.classes is None else _array(linear.classes)

    def predict(self, inputs: Inputs) -> Prediction:
        """Predict n rows, which must have been checked.

        Raises:
            UnsupportedRow: a number overflows.
        """
        return self._decide(self.scores(inputs))

    def predict_encoded(self, matrix: Matrix) -> Prediction:
        """Predict from an encoded matrix, [n, width]."""
        return self._decide(self._finite(_product(matrix, self._weights) + self._intercept))

    def scores(self, inputs: Inputs) -> Matrix:
        """Return the scores of n rows, [n, scores]."""
        if not self._can_overflow:
            return self._total(inputs)
        with np.errstate(all="ignore"):
            return self._finite(self._total(inputs))

    def _total(self, inputs: Inputs) -> Matrix:
        total = self._intercept
        for term in self._terms:
            total = total + term(inputs)
        return total

    def _finite(self, scores: Matrix) -> Matrix:
        if not np.isfinite(scores).all():
            row = int(np.flatnonzero(~np.isfinite(scores).all(axis=1))[0])
            raise UnsupportedRow(row, (), "a value is missing, or a number overflows")
        return scores

    def _decide(self, scores: Matrix) -> Prediction:
        if self._classes is None:
            return Prediction(VALUES[self._linear.link](scores[:, 0]), None)
        chosen = scores[:, 0] > 0 if scores.shape[1] == 1 else scores.argmax(axis=1)
        return Prediction(self._classes.take(chosen), partial(self._link, scores) if self._link else None)


def _terms(sources: list[PreparedSource], weights: Matrix) -> list[_Term]:
    terms, start = [], 0
    for source in sources:
        terms.append(_term(source, weights[:, start : start + source.width].copy()))
        start += source.width
    return terms


def _product(matrix: Matrix, weights: Matrix) -> Matrix:
    """Multiply [n, width] by the weights, [scores, width], each row by itself, whatever rows are beside it.

    BLAS adds in a different order for one row than for many.
    """
    result: Matrix = np.einsum("ij,kj->ik", np.ascontiguousarray(matrix), weights)
    return result


def _term(source: PreparedSource, weights: Matrix) -> Callable[[Inputs], Matrix]:
    """Return a function for what a source adds to the scores: a look-up by code, or a product with its columns."""
    codes = len(source.columns) if source.table is None else len(source.table)
    if source.category < 0 or codes * len(weights) > MAX_TABLE_NUMBERS:
        return lambda inputs: _product(source.read(inputs), weights)
    if source.table is None:
        padded = np.vstack([weights.T, np.zeros(len(weights))])
        table = padded[list(source.columns)]
    else:
        table = source.table @ weights.T
    return lambda inputs: table.take(inputs.codes[source.category], axis=0)


def _check(linear: Linear, width: int) -> None:
    scores = len(linear.coefficients)
    if scores > MAX_WIDTH:
        raise BadPlan(f"the linear model has {scores} scores; {MAX_WIDTH} are allowed")
    if not scores or any(len(row) != width for row in linear.coefficients) or len(linear.intercept) != scores:
        raise BadPlan(f"the linear model does not fit an encoded vector of {width} numbers")
    lone = {"identity", "exp"} if linear.classes is None else {"identity", "logistic", "modified-huber"}
    several = set() if linear.classes is None else {"identity", "one-vs-rest", "softmax", "modified-huber"}
    if linear.link not in (lone if scores == 1 else several):
        raise BadPlan(f"the link {linear.link} does not fit {scores} scores")
    if linear.classes is not None and len(linear.classes) != (BINARY if scores == 1 else scores):
        raise BadPlan(f"{len(linear.classes)} classes do not fit {scores} scores")


def _array(classes: tuple[Any, ...]) -> npt.NDArray[Any]:
    same = len({type(label) for label in classes}) == 1 and not isinstance(classes[0], str)
    return np.array(classes) if same else np.array(classes, dtype=object)
