"""Turn the values of categories into codes, as `function/model/plan/inputs.py` does."""

from typing import Any

import numpy as np

from function.model.plan.structs import Category
from model_training.bundling.exact.graph.builder import DOUBLE, INT64, ML, STRING, Graph
from model_training.exporting.graph.inputs import NO_TEXT, Input
from model_training.exporting.refused import NotExported

BELOW = 2.0**62
"""Whole numbers of double below it are numbers of int64."""


def write_codes(g: Graph, given: Input, x: str, category: Category) -> str:
    """Write the code of each value of a column, [n, 1]: [n] of int64.

    Raises:
        NotExported: the column cannot hold the values of the category.
    """
    text = given.kind == STRING
    if any(isinstance(value, str) != text for value in category.values):
        raise NotExported(f"the categories of {given.feature.name!r} are not all of its type, {given.feature.type}")
    return g.flat(_texts(g, given, x, category) if text else _numbers(g, given, x, category))


def _texts(g: Graph, given: Input, x: str, category: Category) -> str:
    absent = len(category.values)
    codes = {str(value): code for code, value in enumerate(category.values)}
    if given.feature.nullable:
        codes[NO_TEXT] = absent
    if not codes:  # An empty table is no node; no text is known.
        codes = {NO_TEXT: absent + 1}
    return g(
        "LabelEncoder", x, domain=ML, keys_strings=list(codes), values_int64s=list(codes.values()),
        default_int64=absent + 1,
    )  # fmt: skip


def _numbers(g: Graph, given: Input, x: str, category: Category) -> str:
    """Look up numbers, or booleans as 0 and 1."""
    values, unknown = category.values, len(category.values) + 1
    if not values or any(isinstance(value, float) for value in values):
        column = x if given.kind == DOUBLE else g.cast(x, DOUBLE)
        # Without a value, NaN is the only key, which no number equals.
        codes = look_up(g, column, np.array(values or (np.nan,), dtype=np.float64), unknown)
    elif given.kind == DOUBLE:
        whole = g("And", g("Equal", g("Round", x), x), g("Less", g("Abs", x), g.constant(BELOW)))
        number = g.cast(g("Where", whole, x, g.constant(0)), INT64)
        codes = g("Where", whole, _whole_numbers(g, number, category), g.constant(unknown, np.int64))
    else:
        codes = _whole_numbers(g, x if given.kind == INT64 else g.cast(x, INT64), category)
    if given.kind == DOUBLE:
        codes = g("Where", g("IsNaN", x), g.constant(len(values), np.int64), codes)
    return codes


def _whole_numbers(g: Graph, x: str, category: Category) -> str:
    keys = [int(value) for value in category.values]
    return g(
        "LabelEncoder", x, domain=ML, keys_int64s=keys, values_int64s=list(range(len(keys))),
        default_int64=len(keys) + 1,
    )  # fmt: skip


def look_up(g: Graph, x: str, keys: Any, unknown: int) -> str:
    """Write the position of each value among distinct keys: int64, in the shape of x; `unknown` if it is none.

    LabelEncoder would look up numbers of double, but not in the older versions of ONNX.
    """
    apart = g("Unsqueeze", x, g.constant([-1], np.int64))
    # At most one key is equal, so the sum has at most one term; double counts exactly.
    equal = g.cast(g("Equal", apart, g.constant(keys, keys.dtype)), DOUBLE)
    places = g("MatMul", equal, g.constant(np.arange(len(keys)) - unknown))
    return g.cast(g("Add", places, g.constant(float(unknown))), INT64)
