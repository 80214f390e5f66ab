"""Build numpy's random generators."""

from functools import partial
from typing import Any

import numpy as np

from function.model.joblib.constructors.tokens import Pending, Token, class_of, require, set_state

_MT19937_WORDS = 624

_SEED_SEQUENCE = Token("numpy.random.bit_generator", "SeedSequence")
_BIT_GENERATORS = {
    Token("numpy.random._mt19937", "MT19937"),
    Token("numpy.random._pcg64", "PCG64"),
    Token("numpy.random._pcg64", "PCG64DXSM"),
    Token("numpy.random._sfc64", "SFC64"),
}
CLASSES = {_SEED_SEQUENCE} | _BIT_GENERATORS
"""The classes that a pickle passes to the constructors below."""


def begin_seed_sequence(token: object, *_: object) -> Pending:
    """Begin `numpy.random.bit_generator.__pyx_unpickle_SeedSequence(class, checksum, None)`."""
    return Pending(partial(set_state, class_of(token, {_SEED_SEQUENCE})(0)))


def begin_bit_generator(token: object) -> Pending:
    """Begin `numpy.random._pickle.__bit_generator_ctor(class)`."""
    return Pending(partial(_bit_generator, class_of(token, _BIT_GENERATORS)))


def _bit_generator(kind: Any, state: Any) -> Any:
    """State: (the dict of its state, its SeedSequence or None)."""
    inner, seed = state
    require(seed is None or isinstance(seed, np.random.SeedSequence), "has a random generator with an unsupported seed")
    _check_position(inner)
    return set_state(kind(0), state)


def _check_position(state: Any) -> None:
    """Refuse a position beyond the end of MT19937's words, where numpy would read."""
    position = state["state"].get("pos", 0)
    require(type(position) is int and 0 <= position <= _MT19937_WORDS, "has a random generator beyond its end")


def make_generator(bit_generator: object) -> np.random.Generator:
    """Replace `numpy.random._pickle.__generator_ctor`."""
    return np.random.Generator(_checked(bit_generator))


def begin_random_state(bit_generator: object) -> Pending:
    """Begin `numpy.random._pickle.__randomstate_ctor`."""
    random_state = np.random.RandomState(_checked(bit_generator))

    def build(state: Any) -> Any:
        _check_position(state)
        return set_state(random_state, state)

    return Pending(build)


def _checked(bit_generator: Any) -> np.random.BitGenerator:
    require(isinstance(bit_generator, np.random.BitGenerator), "has a random generator without a bit generator")
    return bit_generator  # type: ignore[no-any-return]
