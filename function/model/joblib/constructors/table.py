"""The functions that a pickle may call while it is loaded, and their replacements, which check their arguments."""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from function.model.joblib.constructors import (
    arrays,
    generators,
    ignored,
    native,
    pandas_arrays,
    pandas_series,
    plain,
)
from function.model.joblib.constructors.tokens import Constructor, Token

_GENERATOR = 8192
_WORD = 8
_ENTRY = 128
"""Approximate bytes of a generator, of an item in a list, and of an entry in a dict."""


def approximate_size(value: Any) -> int:
    """Return the approximate bytes to copy a value and its items, without the items inside those."""
    if isinstance(value, dict):
        return sum(_ENTRY + _own_size(item) for item in value.values())
    if isinstance(value, list | tuple):
        return sum(_WORD + _own_size(item) for item in value)
    return _own_size(value)


def _own_size(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    return _ENTRY * len(value) if isinstance(value, dict | list | tuple) else sys.getsizeof(value)


_LOSSES = {
    "sklearn._loss._loss": "CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss CyHalfGammaLoss "
    "CyHalfPoissonLoss CyHalfSquaredError CyHalfTweedieLoss CyHalfTweedieLossIdentity CyHuberLoss CyPinballLoss",
    "sklearn.linear_model._sgd_fast": "EpsilonInsensitive Hinge ModifiedHuber SquaredEpsilonInsensitive SquaredHinge",
}

CONSTRUCTORS: Mapping[tuple[str, str], Constructor] = {
    ("_codecs", "encode"): Constructor(plain.encode),
    ("builtins", "bytearray"): Constructor(plain.make_bytearray),
    ("builtins", "bytes"): Constructor(plain.make_empty_bytes),
    ("builtins", "frozenset"): Constructor(plain.make_frozenset),
    ("builtins", "getattr"): Constructor(ignored.get_method),
    ("builtins", "set"): Constructor(plain.make_set),
    ("builtins", "slice"): Constructor(plain.make_slice),
    ("collections", "OrderedDict"): Constructor(plain.make_ordered_dict),
    ("functools", "partial"): Constructor(plain.begin_partial),
    ("numpy", "dtype"): Constructor(arrays.begin_dtype),
    ("numpy._core.multiarray", "_reconstruct"): Constructor(arrays.begin_array),
    ("numpy._core.multiarray", "scalar"): Constructor(arrays.make_scalar),
    ("numpy._core.numeric", "_frombuffer"): Constructor(arrays.view_array),
    ("numpy.core.multiarray", "_reconstruct"): Constructor(arrays.begin_array),
    ("numpy.core.multiarray", "scalar"): Constructor(arrays.make_scalar),
    ("numpy.core.numeric", "_frombuffer"): Constructor(arrays.view_array),
    ("numpy.ma.core", "_mareconstruct"): Constructor(arrays.begin_masked_array),
    ("numpy.random._pickle", "__bit_generator_ctor"): Constructor(generators.begin_bit_generator, _GENERATOR),
    ("numpy.random._pickle", "__generator_ctor"): Constructor(generators.make_generator),
    ("numpy.random._pickle", "__randomstate_ctor"): Constructor(generators.begin_random_state),
    ("numpy.random.bit_generator", "__pyx_unpickle_SeedSequence"): Constructor(
        generators.begin_seed_sequence, _GENERATOR
    ),
    ("pandas", "StringDtype"): Constructor(pandas_arrays.make_text_type),
    ("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"): Constructor(pandas_arrays.begin_backed_array),
    ("pandas.core.arrays.string_", "StringDtype"): Constructor(pandas_arrays.make_text_type),
    ("pandas.core.indexes.base", "_new_Index"): Constructor(pandas_arrays.make_index, measure=pandas_arrays.index_size),
    **{("pathlib", name): Constructor(ignored.make_nothing) for name in ("PosixPath", "WindowsPath")},
    ("pyarrow.lib", "_restore_array"): Constructor(pandas_arrays.make_arrow_texts, measure=pandas_arrays.arrow_size),
    ("pyarrow.lib", "chunked_array"): Constructor(pandas_arrays.make_chunked_array, measure=pandas_arrays.chunks_size),
    ("pyarrow.lib", "py_buffer"): Constructor(pandas_arrays.make_buffer),
    ("pyarrow.lib", "type_for_alias"): Constructor(pandas_arrays.make_type),
    ("sklearn._loss._loss", "__pyx_unpickle_CyHalfMultinomialLoss"): Constructor(native.make_multinomial_loss),
    ("sklearn.impute._iterative", "_ImputerTriplet"): Constructor(plain.make_imputer_triplet),
    ("sklearn.metrics._dist_metrics", "newObj"): Constructor(native.begin_new_object, _GENERATOR),
    ("sklearn.neighbors._ball_tree", "newObj"): Constructor(native.begin_new_object, _GENERATOR),
    ("sklearn.neighbors._kd_tree", "newObj"): Constructor(native.begin_new_object, _GENERATOR),
    ("sklearn.tree._tree", "Tree"): Constructor(native.begin_tree),
    **{
        (module, name): Constructor(native.make_loss(module, name))
        for module, names in _LOSSES.items()
        for name in names.split()
    },
}
"""The replacement of each function, by the module and the name in the pickle."""

ARRAY_WRAPPER = Token("joblib.numpy_pickle", "NumpyArrayWrapper")
TOKENS = {
    ARRAY_WRAPPER,
    *plain.TOKENS,
    *arrays.CLASSES,
    *generators.CLASSES,
    *native.CLASSES,
    *pandas_arrays.CLASSES,
    *pandas_series.CLASSES,
}
"""Names that are allowed only as arguments of a constructor."""
