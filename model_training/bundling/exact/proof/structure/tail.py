"""What follows the sums, link and label, compared at sums that are equal, zero, next to it, small and large."""

from typing import Any

import numpy as np

from model_training.bundling.exact.proof.structure.emitted import Emitted
from model_training.bundling.exact.proof.structure.nodes import Difference, Native, Numbers

TOLERANCE, SINGLE_TOLERANCE = 1e-12, 1e-6
"""What links may differ by, in double and in float32."""
ROWS = 300
LAST_BITS = 1e-15
SEED = 20


def compare_tails(native: Native, emitted: Emitted, outputs: int) -> None:
    """Compare what both sides make of sums.

    Raises:
        Difference: a label differs, or a number by more than the tolerance.
    """
    sums = _sums(outputs, native.add)
    tolerance = SINGLE_TOLERANCE if native.add is np.float32 else TOLERANCE
    labels, numbers = native.decide(sums)
    found = emitted.decided(sums)
    if numbers is None:
        compare_numbers(found[0], labels, tolerance)
        return
    compare_numbers(found[1], numbers, tolerance)
    other = np.array([a != b for a, b in zip(found[0].tolist(), np.asarray(labels).tolist(), strict=True)])
    if (other & ~(native.chooses_rounded & _next_to_equal(sums))).any():
        raise Difference("another label of the same sums")


def compare_numbers(found: Any, wanted: Any, tolerance: float = TOLERANCE) -> None:
    """Compare numbers relative to the larger of their magnitude and 1.

    Raises:
        Difference: they differ by more than the tolerance.
    """
    if np.shape(found) != np.shape(wanted):
        raise Difference("numbers of another shape")
    with np.errstate(invalid="ignore"):
        difference = np.abs(found - wanted) / np.maximum(1, np.abs(wanted))
    same = (found == wanted) | (np.isnan(found) & np.isnan(wanted)) | (difference <= tolerance)
    if not same.all():
        raise Difference("another number of the same sums")


def _next_to_equal(sums: Numbers) -> Any:
    """Tell for each row whether its largest sums are different numbers that a last bit of exp can make equal."""
    first, second = np.sort(sums, axis=1)[:, :-3:-1].T if sums.shape[1] > 1 else (sums[:, 0], sums[:, 0])
    return (first != second) & (first - second <= LAST_BITS)


def _sums(outputs: int, dtype: Any) -> Numbers:
    rng = np.random.default_rng(SEED)
    small = np.nextafter(dtype(0), dtype(1))
    special = np.array([0.0, -0.0, small, -small, 1e-16, -1e-16, 1.0, -1.0, 40.0, -40.0, 300.0, -300.0])
    equal = np.repeat(special[:, None], outputs, axis=1)
    mixed = rng.choice(special, size=(ROWS, outputs))
    found = np.concatenate([equal, mixed, rng.normal(size=(ROWS, outputs)) * 3])
    return np.asarray(found.astype(dtype), np.float64)
