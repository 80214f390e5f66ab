"""Compare a model with the live one, to decide whether it may replace it (the gate)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from function.model.faults import listed
from function.model.manifest import Feature, Manifest, Output
from model_training.publishing.identity import Identity, principal_metric

SHOWN = 8
ROUNDING = 1e-9
"""An allowance for floating point: 0.75 - 0.745 is a little more than 0.005."""


@dataclass(frozen=True)
class Comparison:
    """The result of comparing two models, as sentences without a full stop."""

    worse: str = ""
    """How the new model's metric is worse; empty if it is not."""
    changes: tuple[str, ...] = ()
    """Changes of the features, with which rows of existing callers may be refused."""
    notes: tuple[str, ...] = ()
    """What the user should know, but what does not prevent publishing."""


def compare(new: Identity, live: Identity | str, tolerance: float) -> Comparison:
    """Compare a model with the live one, or with the reason why no comparison is possible.

    Args:
        new: the model to publish.
        live: the live model, or why it can't be compared.
        tolerance: how much worse the principal metric may be.
    """
    if isinstance(live, str):
        return _not_compared(live)
    if live.manifest is None:
        return _not_compared("the live model is not a bundle, so its features and metrics are unknown")
    if new.manifest is None:
        return _not_compared("this file is not a bundle, so its features and metrics are unknown")
    if new.manifest.task != live.manifest.task:
        return _not_compared(f"its task is {new.manifest.task}, the live model's task is {live.manifest.task}")
    return _compare_manifests(new.manifest, live.manifest, tolerance)


def _not_compared(reason: str) -> Comparison:
    return Comparison(notes=(f"not compared with a live model: {reason}",))


def _compare_manifests(new: Manifest, live: Manifest, tolerance: float) -> Comparison:
    worse, note = _compare_metric(new, live, tolerance)
    changes = tuple(changes_of(live.features, new.features))
    return Comparison(worse, changes, (note, *_other_changes(live, new)))


def _compare_metric(new: Manifest, live: Manifest, tolerance: float) -> tuple[str, str]:
    """Return how the new model's metric is worse, or an empty text, and a note with both metrics."""
    name, ours = principal_metric(new)
    _, theirs = principal_metric(live)
    if not name:
        return "", f"no metric is compared: models of the task {new.task} have none"
    if ours is None or theirs is None:
        which = "this model" if ours is None else "the live model"
        return "", f"the hold-out {name} is not compared: {which} was packed without --target"
    note = f"the hold-out {name} is {ours:.4f}; the live model's is {theirs:.4f}"
    if theirs - ours <= tolerance + ROUNDING:
        return "", note
    return f"its {name} is {ours:.4f}, worse than the live model's {theirs:.4f} by more than {tolerance:g}", note


def changes_of(live: Sequence[Feature], new: Sequence[Feature]) -> Iterator[str]:
    """List the changes of the features that callers of the live model will notice."""
    before, after = ({feature.name: feature for feature in features} for features in (live, new))
    if removed := [name for name in before if name not in after]:
        yield f"removed: {listed(removed, SHOWN)}"
    if added := [name for name in after if name not in before]:
        yield f"added: {listed(added, SHOWN)}"
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before]:
        yield f"the order is now {listed(list(after), SHOWN)}"
    for name in kept:
        yield from (f"{name}: {change}" for change in _changes(before[name], after[name]))


def _changes(live: Feature, new: Feature) -> Iterator[str]:
    if new.type != live.type:
        yield f"its type is now {new.type}, was {live.type}"
    if new.format != live.format:
        yield f"its format is now {new.format or 'none'}, was {live.format or 'none'}"
    if new.nullable != live.nullable:
        yield f"it may {'now' if new.nullable else 'no longer'} be missing"
    elif live.optional and not new.optional:
        yield "rows must have it now"
    if not new.open:  # Of an open feature, whatever callers send is predicted.
        yield from _changes_of_categories(live, new)


def _changes_of_categories(live: Feature, new: Feature) -> Iterator[str]:
    if live.open and new.closed:
        yield "values that the model does not know are refused now"
    if new.categories == live.categories:
        return
    if new.categories is None or live.categories is None:
        yield f"{'any value of its type' if new.categories is None else 'only its categories'} may be sent now"
        return
    if removed := [value for value in live.categories if value not in new.categories]:
        yield f"categories removed: {listed(removed, SHOWN)}"
    if added := [value for value in new.categories if value not in live.categories]:
        yield f"categories added: {listed(added, SHOWN)}"
    if not removed and not added:
        yield "its categories are in another order"


def _other_changes(live: Manifest, new: Manifest) -> Iterator[str]:
    """List changes that callers may notice and that don't prevent publishing."""
    if new.encoded != live.encoded:
        yield f"the encoded vector has other columns: now {len(new.encoded)}, was {len(live.encoded)}"
    if new.classes != live.classes:
        yield f"the classes are now {listed(new.classes or (), SHOWN)}, were {listed(live.classes or (), SHOWN)}"
    if new.predicted_outputs != live.predicted_outputs:
        before, after = (
            ", ".join(map(_described, outputs)) for outputs in (live.predicted_outputs, new.predicted_outputs)
        )
        yield f"the outputs are now {after}, were {before}"


def _described(output: Output) -> str:
    return f"{output.name} ({listed(output.classes, SHOWN)})" if output.classes else output.name
