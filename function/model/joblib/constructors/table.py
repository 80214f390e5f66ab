"""The functions that a pickle may call while it is loaded, each by one of ours that checks what it is given."""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from function.model.joblib.constructors import arrays, generators, native, plain
from function.model.joblib.constructors.tokens import Maker, Token

_GENERATOR = 8192
_WORD = 8
_ENTRY = 128
"""About how many bytes a generator takes, a place in a list, and an entry of a dict."""


def weigh(value: Any) -> int:
    """Return about how many bytes it takes to copy a value and what it holds, but not what that holds again."""
    if isinstance(value, dict):
        return sum(_ENTRY + _weigh(item) for item in value.values())
    if isinstance(value, list | tuple):
        return sum(_WORD + _weigh(item) for item in value)
    return _weigh(value)


def _weigh(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    return _ENTRY * len(value) if isinstance(value, dict | list | tuple) else sys.getsizeof(value)


_LOSSES = {
    "sklearn._loss._loss": "CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss CyHalfGammaLoss "
    "CyHalfPoissonLoss CyHalfSquaredError CyHalfTweedieLoss CyHalfTweedieLossIdentity CyHuberLoss CyPinballLoss",
    "sklearn.linear_model._sgd_fast": "EpsilonInsensitive Hinge ModifiedHuber SquaredEpsilonInsensitive SquaredHinge",
}

MAKERS: Mapping[tuple[str, str], Maker] = {
    ("_codecs", "encode"): Maker(plain.encode),
    ("builtins", "bytes"): Maker(plain.make_no_bytes),
    ("builtins", "frozenset"): Maker(plain.make_frozenset),
    ("builtins", "set"): Maker(plain.make_set),
    ("builtins", "slice"): Maker(plain.make_slice),
    ("collections", "OrderedDict"): Maker(plain.make_ordered_dict),
    ("functools", "partial"): Maker(plain.begin_partial),
    ("numpy", "dtype"): Maker(arrays.begin_dtype),
    ("numpy._core.multiarray", "_reconstruct"): Maker(arrays.begin_array),
    ("numpy._core.multiarray", "scalar"): Maker(arrays.make_scalar),
    ("numpy._core.numeric", "_frombuffer"): Maker(arrays.view_array),
    ("numpy.core.multiarray", "_reconstruct"): Maker(arrays.begin_array),
    ("numpy.core.multiarray", "scalar"): Maker(arrays.make_scalar),
    ("numpy.core.numeric", "_frombuffer"): Maker(arrays.view_array),
    ("numpy.ma.core", "_mareconstruct"): Maker(arrays.begin_masked_array),
    ("numpy.random._pickle", "__bit_generator_ctor"): Maker(generators.begin_bit_generator, _GENERATOR),
    ("numpy.random._pickle", "__generator_ctor"): Maker(generators.make_generator),
    ("numpy.random._pickle", "__randomstate_ctor"): Maker(generators.begin_random_state),
    ("numpy.random.bit_generator", "__pyx_unpickle_SeedSequence"): Maker(generators.begin_seed_sequence, _GENERATOR),
    ("sklearn._loss._loss", "__pyx_unpickle_CyHalfMultinomialLoss"): Maker(native.make_multinomial_loss),
    ("sklearn.impute._iterative", "_ImputerTriplet"): Maker(plain.make_imputer_triplet),
    ("sklearn.metrics._dist_metrics", "newObj"): Maker(native.begin_new_object, _GENERATOR),
    ("sklearn.neighbors._ball_tree", "newObj"): Maker(native.begin_new_object, _GENERATOR),
    ("sklearn.neighbors._kd_tree", "newObj"): Maker(native.begin_new_object, _GENERATOR),
    ("sklearn.tree._tree", "Tree"): Maker(native.begin_tree),
    **{
        (module, name): Maker(native.make_loss(module, name))
        for module, names in _LOSSES.items()
        for name in names.split()
    },
}
"""By the module and the name under which a pickle asks for each."""

ARRAY_WRAPPER = Token("joblib.numpy_pickle", "NumpyArrayWrapper")
TOKENS = {ARRAY_WRAPPER} | plain.TOKENS | arrays.CLASSES | generators.CLASSES | native.CLASSES
"""What may be named, but only to be handed to a maker."""
