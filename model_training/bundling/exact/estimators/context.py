"""What the writers of estimators share: the graph, and the trees written so far."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model_training.bundling.exact.graph.builder import INT64, Graph
from model_training.bundling.exact.graph.written import Written
from model_training.bundling.exact.refused import Refused

MAX_PARTS = 2000


@dataclass
class Context:
    """A graph under construction."""

    graph: Graph
    write: Callable[["Context", Any, str], Written]
    """Write an estimator over a matrix of double, [n, width]; it knows all kinds."""
    ensembles: list[tuple[Any, bool]] = field(default_factory=list)
    """The estimators that are trees, and whether they see the graph's own input."""
    parts: int = 0

    def part(self, estimator: Any, x: str, *, single: bool = False) -> Written:
        """Write one of the estimators that another one is made of; `single` admits one whose numbers are float32.

        Raises:
            Refused: there is no exact translation of it, or there are too many.
        """
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise Refused(f"more than {MAX_PARTS} estimators")
        written = self.write(self, estimator, x)
        if written.single and not single:
            raise Refused("XGBoost inside an estimator that goes on in single precision")
        return written

    def added(self, terms: Sequence[str]) -> str:
        """Add tensors up, one after the other."""
        total = terms[0]
        for term in terms[1:]:
            total = self.graph("Add", total, term)
        return total

    def mean(self, terms: Sequence[str], weights: Sequence[float] | None = None) -> str:
        """Average tensors as numpy does: weigh, add up, divide."""
        g = self.graph
        if weights is None:
            return g("Div", self.added(terms), g.constant(float(len(terms))))
        weighed = [g("Mul", term, g.constant(float(weight))) for term, weight in zip(terms, weights, strict=True)]
        return g("Div", self.added(weighed), g.constant(float(np.sum(weights))))

    def is_class(self, chosen: str, classes: int) -> str:
        """Compare the position of a label, [n] of int64, with each class: [n, classes] of booleans."""
        g = self.graph
        return g("Equal", g.column(chosen), g.constant(np.arange(classes).reshape(1, -1), np.int64))

    def largest(self, x: str, *, last: bool = False) -> str:
        """Return the position of the largest number of each row, the first or the last of equals."""
        return self.graph("ArgMax", x, axis=1, keepdims=0, select_last_index=int(last))

    def above(self, x: str, edge: float = 0.0) -> str:
        """Return 1 where a lone number, [n, 1], is above an edge: [n] of int64."""
        g = self.graph
        return g.cast(g.flat(g("Greater", x, g.constant(edge))), INT64)


def needed(tensor: str | None, what: str) -> str:
    """Return a tensor that a writer has to have.

    Raises:
        Refused: the estimator has no such thing.
    """
    if tensor is None:
        raise Refused(f"a part without {what}")
    return tensor


def check_classes(part: Any, classes: Sequence[Any]) -> None:
    """Check that a part knows all classes, in the same order.

    Raises:
        Refused: it knows others, or fewer.
    """
    if not hasattr(part, "classes_") or list(part.classes_) != list(classes):
        raise Refused("a part that was fitted on other classes")
