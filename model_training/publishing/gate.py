"""The gate: whether a model may replace the one that is live."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from function.model.manifest import Feature, Manifest
from model_training.publishing.identity import Identity, principal_metric

SHOWN = 8
ROUNDING = 1e-9
"""Two decimal numbers that differ by the tolerance differ by a little more in floating point."""


@dataclass(frozen=True)
class Verdict:
    """What comparing two models gave, in sentences without their full stop."""

    worse: str = ""
    """Empty where the new model is not."""
    changes: tuple[str, ...] = ()
    """Of the features: callers' rows may not fit the new model."""
    notes: tuple[str, ...] = ()


def compare(new: Identity, live: Identity | str, tolerance: float) -> Verdict:
    """Compare a model with the live one, or with the reason why there is none to compare with.

    `tolerance` is how much worse the principal metric may be.
    """
    if isinstance(live, str):
        return _not_compared(live)
    if live.manifest is None:
        return _not_compared("the live one is a bare joblib, which tells neither features nor metrics")
    if new.manifest is None:
        return _not_compared("a bare joblib tells neither features nor metrics")
    if new.manifest.task != live.manifest.task:
        return _not_compared(f"the task is {new.manifest.task}, the live one's is {live.manifest.task}")
    return _compare_manifests(new.manifest, live.manifest, tolerance)


def _not_compared(reason: str) -> Verdict:
    return Verdict(notes=(f"not compared with a live model: {reason}",))


def _compare_manifests(new: Manifest, live: Manifest, tolerance: float) -> Verdict:
    worse, note = _metric(new, live, tolerance)
    changes = tuple(changes_of(live.features, new.features))
    return Verdict(worse, changes, (note, *_other_changes(live, new)))


def _metric(new: Manifest, live: Manifest, tolerance: float) -> tuple[str, str]:
    """Return the objection to the new model's metric, if any, and what there is to say in any case."""
    name, ours = principal_metric(new)
    _, theirs = principal_metric(live)
    if ours is None or theirs is None:
        who = "this model" if ours is None else "the live model"
        return "", f"the hold-out's {name} is not compared: {who} was packed without it"
    note = f"the hold-out's {name} is {ours:.4f}, the live model's is {theirs:.4f}"
    if theirs - ours <= tolerance + ROUNDING:
        return "", note
    return f"its {name} is {ours:.4f}, worse than the live model's {theirs:.4f} by more than {tolerance:g}", note


def changes_of(live: Sequence[Feature], new: Sequence[Feature]) -> Iterator[str]:
    """Say what a caller of the live model would find changed in the features."""
    before, after = ({feature.name: feature for feature in features} for features in (live, new))
    if gone := [name for name in before if name not in after]:
        yield f"gone: {_listed(gone)}"
    if added := [name for name in after if name not in before]:
        yield f"new: {_listed(added)}"
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before]:
        yield f"the order is now {_listed(list(after))}"
    for name in kept:
        yield from (f"{name}: {change}" for change in _changes(before[name], after[name]))


def _changes(live: Feature, new: Feature) -> Iterator[str]:
    if new.type != live.type:
        yield f"its type is {new.type}, was {live.type}"
    if new.nullable != live.nullable:
        yield f"it may {'now' if new.nullable else 'no longer'} be missing"
    if new.categories == live.categories:
        return
    if new.categories is None or live.categories is None:
        yield f"{'any value of its type' if new.categories is None else 'only its categories'} may be sent now"
        return
    if gone := [value for value in live.categories if value not in new.categories]:
        yield f"categories gone: {_listed(gone)}"
    if added := [value for value in new.categories if value not in live.categories]:
        yield f"categories new: {_listed(added)}"
    if not gone and not added:
        yield "its categories are in another order"


def _other_changes(live: Manifest, new: Manifest) -> Iterator[str]:
    """Say what else callers may notice, which is no reason to refuse."""
    if new.encoded != live.encoded:
        yield f"the encoded vector has other columns: {len(new.encoded)}, were {len(live.encoded)}"
    if new.classes != live.classes:
        yield f"the classes are {_listed(new.classes or ())}, were {_listed(live.classes or ())}"


def _listed(values: Sequence[object]) -> str:
    shown = ", ".join(map(str, values[:SHOWN]))
    return f"{shown} and {len(values) - SHOWN} more" if len(values) > SHOWN else shown
