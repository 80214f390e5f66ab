"""A linear model over an encoder: coefficients gathered by code, as `function/model/plan/linear.py` does."""

import numpy as np
import numpy.typing as npt

from function.model.plan.structs import Linear, OneHot, Plan, Source, Table
from model_training.bundling.exact.estimators.linear import link_probabilities
from model_training.bundling.exact.graph.builder import Graph
from model_training.bundling.exact.graph.written import Written, label_index
from model_training.exporting.graph.encoder import NO_COLUMNS, Encoding, table_of
from model_training.exporting.refused import NotExported

Weights = npt.NDArray[np.float64]
MAX_TABLE_NUMBERS = 10_000_000
"""A larger table of coefficients is not made, as in the function."""


def write_linear(g: Graph, plan: Plan, linear: Linear, encoding: Encoding) -> Written:
    """Write the scores of a linear model, its label, and its probabilities or value."""
    weights = np.array(linear.coefficients, dtype=np.float64).T
    scores = _scores(g, plan, weights, np.array(linear.intercept, dtype=np.float64), encoding)
    if linear.classes is None:
        return Written(values=g("Exp", scores) if linear.link == "exp" else scores)
    probabilities = None if linear.link == "identity" else link_probabilities(g, linear, scores)
    chosen = label_index(g, "above" if weights.shape[1] == 1 else "raw", scores, scores)
    return Written(scores, probabilities, chosen)


def _scores(g: Graph, plan: Plan, weights: Weights, intercept: Weights, encoding: Encoding) -> str:
    """Add up what each source adds to the scores, [n, scores]; steps after all sources would mix their columns."""
    sources = plan.encoder.sources if not plan.encoder.steps else ()
    total, start = g.constant(intercept.reshape(1, -1)), 0
    for source in sources or [plan.encoder]:
        width = encoding.width(source)
        if width:
            total = g("Add", total, _term(g, source, weights[start : start + width], encoding))
        start += width
    if not start:
        raise NotExported(NO_COLUMNS)
    return total


def _term(g: Graph, source: Source, weights: Weights, encoding: Encoding) -> str:
    codes = len(source.rows) if isinstance(source, Table) else len(source.columns) if isinstance(source, OneHot) else 0
    if codes * weights.shape[1] > MAX_TABLE_NUMBERS or not isinstance(source, Table | OneHot):
        return g("MatMul", encoding.source(source), g.constant(weights))
    if isinstance(source, OneHot):
        table = np.vstack([weights, np.zeros(weights.shape[1])])[list(source.columns)]
    else:
        table = table_of(source) @ weights
    return g("Gather", g.constant(table), encoding.code(source.category), axis=0)
