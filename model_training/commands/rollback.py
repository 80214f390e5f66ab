"""Bring an earlier version of a model back."""

from typing import TYPE_CHECKING, Annotated

import typer

from function.errors import Refused
from model_training.commands.support.console import fail, say, step, warn
from model_training.commands.support.options import To, TrialSeconds, Wait, WaitSeconds, name_in
from model_training.commands.support.waiting import wait_for_version
from model_training.publishing.bucket import LiveObject, Stored
from model_training.publishing.bucket_errors import BucketProblem, Gone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from model_training.publishing.identity import Identity
    from model_training.publishing.trial import Limits

SHOWN = 20
"""Generations in a sentence."""


def rollback(
    to: To,
    generation: Annotated[
        int | None, typer.Argument(min=1, help="The generation to bring back, as `versions` lists it.")
    ] = None,
    wait: Wait = None,
    wait_seconds: WaitSeconds = 120,
    trial_seconds: TrialSeconds = 120,
) -> None:
    """Make an earlier version the live one again.

    Without a generation it is the newest earlier one that can be served and is not what is live.
    It is tried as `publish` does, then copied within the bucket, which keeps the history: guarded
    by the generation that is live now, so where somebody publishes meanwhile, theirs stays.
    """
    from model_training.publishing.identity import labels_of
    from model_training.publishing.trial import Limits

    there, limits = LiveObject(to), Limits(seconds=trial_seconds)
    try:
        with step(f"Listing {to}"):
            found = there.versions()
        live = next((stored for stored in found if stored.live), None)
        if generation is None:
            source, identity = _newest_readable(there, found, live, limits)
        else:
            source = _named(generation, found, to)
            identity = _try(there, source, limits)
        with step(f"Copying generation {source.generation} to {to}"):
            copied = there.copy_to_live(source.generation, labels_of(identity), live.generation if live else 0)
    except Refused as error:
        fail(f"generation {generation} must not be served: {error}.")
    except BucketProblem as error:
        fail(str(error))
    say(f"Rolled back to {identity.version}: generation {copied} of {to} is a copy of generation {source.generation}.")
    if wait:
        wait_for_version(wait, identity.version, copied, wait_seconds)


def _named(generation: int, found: "Sequence[Stored]", uri: str) -> Stored:
    named = next((stored for stored in found if stored.generation == generation), None)
    if named is None:
        known = [f"{stored.generation}{' (live)' if stored.live else ''}" for stored in found]
        more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
        fail(f"{uri} has no generation {generation}; it has {', '.join(known[:SHOWN]) or 'none'}{more}.")
    if named.live:
        fail(f"generation {generation} of {uri} is live already.")
    return named


def _newest_readable(
    there: LiveObject, found: "Sequence[Stored]", live: Stored | None, limits: "Limits"
) -> "tuple[Stored, Identity]":
    """Choose the newest generation that can be served and whose content is not what is live."""
    chosen = next(_readable(there, found, live, limits), None)
    if chosen is None:
        fail(
            f"{there.uri} has no earlier version to go back to, among {len(found)} generations. "
            "A bucket keeps them once object versioning is on."
        )
    return chosen


def _readable(
    there: LiveObject, found: "Sequence[Stored]", live: Stored | None, limits: "Limits"
) -> "Iterator[tuple[Stored, Identity]]":
    serving = live and _version(there, live)
    for stored in found:
        if live and (stored.live or (stored.size, stored.crc32c) == (live.size, live.crc32c)):
            continue
        try:
            identity = _try(there, stored, limits)
        except (Refused, Gone) as error:
            warn(f"generation {stored.generation} is passed over: {error}")
            continue
        if identity.version != serving:
            yield stored, identity


def _version(there: LiveObject, live: Stored) -> str | None:
    """Return the version that is live; None where it can't be read."""
    from model_training.publishing.identity import identify_stored

    try:
        return identify_stored(there, live).version
    except Refused:
        return None


def _try(there: LiveObject, stored: Stored, limits: "Limits") -> "Identity":
    from model_training.publishing.identity import check_size
    from model_training.publishing.trial import try_model

    with step(f"Trying generation {stored.generation} as the function will"):
        check_size(stored.size)
        identity, warnings = try_model(there.download(stored.generation), name_in(there.uri), limits)
    for warning in warnings:
        warn(warning)
    return identity
