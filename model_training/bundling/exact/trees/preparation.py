"""What a graph does to the matrix before its trees."""

from itertools import groupby

import numpy as np
from onnx import numpy_helper

from model_training.bundling.exact.graph.builder import DOUBLE, FLOAT, ML, Graph
from model_training.bundling.exact.trees.evaluation import ZERO
from model_training.bundling.exact.trees.structure import Ensemble, Numbers


def write_preparation(g: Graph, ensemble: Ensemble, x: str, *, single: bool) -> str:
    """Write the order, the codes, the rounding and the treatment of features.

    Args:
        g: the graph.
        ensemble: what says how.
        x: the matrix, [n, n_features] of double.
        single: whether the result is float32.
    """
    if ensemble.order is not None:
        x = g.gather(x, ensemble.order)
    if ensemble.codes:
        x = _write_codes(g, ensemble, x)
    if ensemble.absent_zeros:
        x = g("Where", g("Equal", x, g.constant(0.0)), g.constant(np.nan), x)
    treated = set(ensemble.treatments or ()) - {"number"}
    if ensemble.compare is np.float32:
        x = g.cast(x, FLOAT)
        if single and not treated and ensemble.missing is None:
            return x
        x = g.cast(x, DOUBLE)
    if ensemble.missing is not None:
        marker = g.constant(float(ensemble.compare(ensemble.missing)))
        x = g("Where", g("Equal", x, marker), g.constant(np.nan), x)
    for treatment in sorted(treated):
        x = _write_treatment(g, ensemble, treatment, x)
    return g.cast(x, FLOAT) if single else x


def _write_codes(g: Graph, ensemble: Ensemble, x: str) -> str:
    """Replace values with codes: one look-up for each feature that is one; those between two stay together."""
    width = len(ensemble.order) if ensemble.order is not None else ensemble.n_features
    columns = []
    for coded, run in groupby(range(width), lambda feature: feature in ensemble.codes):
        if coded:
            keys = {feature: np.array(ensemble.codes[feature], dtype=np.float64) for feature in run}
            columns += [_look_up(g, g.gather(x, [feature]), known) for feature, known in keys.items()]
        else:
            columns.append(g.gather(x, list(run)))
    return g("Concat", *columns, axis=1)


def _look_up(g: Graph, column: str, keys: Numbers) -> str:
    return g(
        "LabelEncoder", column, domain=ML,
        keys_tensor=numpy_helper.from_array(keys, "keys"),
        values_tensor=numpy_helper.from_array(np.arange(len(keys), dtype=np.float64), "values"),
        default_tensor=numpy_helper.from_array(np.array([np.nan]), "default"),
    )  # fmt: skip


def _write_treatment(g: Graph, ensemble: Ensemble, treatment: str, x: str) -> str:
    chosen = g.constant([kind == treatment for kind in ensemble.treatments or ()], np.bool_)
    if treatment == "zero-is-missing":
        zero = g("And", g("LessOrEqual", g("Abs", x), g.constant(ZERO)), chosen)
        return g("Where", zero, g.constant(np.nan), x)
    whole = g("Floor", x) if treatment == "floor" else g("Mul", g("Sign", x), g("Floor", g("Abs", x)))
    return g("Where", chosen, whole, x)
