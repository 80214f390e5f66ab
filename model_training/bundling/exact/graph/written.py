"""What an estimator writes into a graph, and the graph's outputs."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx

from model_training.bundling.exact.graph.builder import BOOL, DOUBLE, FLOAT, INT64, ML, STRING, Graph
from model_training.bundling.exact.refused import Refused

LABEL, VALUES = "label", "answers"
TYPES = {bool: BOOL, int: INT64, float: DOUBLE, str: STRING}


class Written(NamedTuple):
    """The tensors of an estimator; None where it has no such thing."""

    scores: str | None = None
    """What its decision function returns: [n, 1] of two classes, [n, classes] otherwise."""
    probabilities: str | None = None
    """[n, classes]."""
    chosen: str | None = None
    """The position of the label among the classes, [n] of int64."""
    values: str | None = None
    """The values of a regression, [n, width]."""
    width: int = 1
    single: bool = False
    """Whether numbers are float32."""


def label_index(g: Graph, rule: str, scores: str, answers: str, dtype: Any = np.float64) -> str:
    """Write how a library chooses the class.

    Args:
        g: the graph.
        rule: above or from (whether a lone score is above 0, or at least 0), raw (the largest score) or argmax (the
            largest probability); the first of equals.
        scores: [n, scores].
        answers: the probabilities.
        dtype: of the scores.
    """
    if rule in ("above", "from"):
        operator = "Greater" if rule == "above" else "GreaterOrEqual"
        return g.cast(g.flat(g(operator, scores, g.constant(0, dtype))), INT64)
    return g("ArgMax", scores if rule == "raw" else answers, axis=1, keepdims=0)


def close(g: Graph, written: Written, classes: Sequence[Any] | None) -> onnx.ModelProto:
    """Close a graph: `label` (the class, or the value) of shape [n], `answers` (the probabilities) where there are any.

    Raises:
        Refused: labels of several types.
    """
    number = FLOAT if written.single else DOUBLE
    if classes is None:
        if written.values is None:
            raise Refused("an estimator without values")
        if written.width > 1:
            return g.model({LABEL: (written.values, number, [None, written.width])})
        return g.model({LABEL: (g.flat(written.values), number, [None])})
    kinds = {type(label) for label in classes}
    if written.chosen is None or len(kinds) != 1 or not kinds <= set(TYPES):
        raise Refused("labels that are neither all text, all numbers nor all booleans")
    outputs: dict[str, tuple[str, int, list[int | None]]] = {
        LABEL: (write_label(g, written.chosen, classes), TYPES[kinds.pop()], [None])
    }
    if written.probabilities is not None:
        outputs[VALUES] = (written.probabilities, number, [None, len(classes)])
    return g.model(outputs)


def write_label(g: Graph, index: str, classes: Sequence[Any]) -> str:
    """Write the class of each position, [n] of int64."""
    if not isinstance(classes[0], str):
        return g("Gather", g.constant(classes, np.asarray(classes).dtype), index, axis=0)
    return g("LabelEncoder", index, domain=ML, keys_int64s=list(range(len(classes))), values_strings=list(classes))
