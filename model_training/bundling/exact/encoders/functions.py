"""Functions of numpy that a FunctionTransformer may hold."""

from typing import Any, get_args

import numpy as np

from function.model.plan.steps import structs
from model_training.bundling.exact.encoders.parameters import Steps
from model_training.bundling.exact.refused import Refused

NAMES: dict[Any, structs.Function] = {getattr(np, name): name for name in get_args(structs.Function)}
OF_INTEGERS = ("reciprocal", "square")
"""They compute in whole numbers, and overflow or truncate, where all columns are whole numbers."""


def function_of(transformer: Any, _: Any) -> Steps:
    """Return the step of a FunctionTransformer.

    Raises:
        Refused: its function is none of those known by name.
    """
    if transformer.func is None:
        return []
    name = NAMES.get(transformer.func) if callable(transformer.func) else None
    if name is None or transformer.kw_args:
        raise Refused("a function of your own")
    return [structs.Apply(name)]


def refuse_integers(transformer: Any, kinds: str) -> None:
    """Refuse functions that give other numbers for columns of integers or booleans than for floats.

    Raises:
        Refused: the function does, and `kinds` holds numpy's kind of such a column.
    """
    function = getattr(transformer, "func", None)
    of_whole = NAMES.get(function) in OF_INTEGERS if callable(function) else False
    if (of_whole and set(kinds) & set("iu")) or (callable(function) and "b" in kinds):
        raise Refused("a function of columns that are no floats")
