"""Roll back to an earlier version of a model."""

from typing import TYPE_CHECKING, Annotated

import typer

from function.errors import Refused
from model_training.commands.support.console import fail, say, step, warn
from model_training.commands.support.options import To, TrialSeconds, Wait, WaitSeconds, name_in
from model_training.commands.support.waiting import wait_for_version
from model_training.publishing.bucket import LiveObject, Stored
from model_training.publishing.bucket_errors import BucketError, GenerationDeleted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from model_training.publishing.identity import Identity
    from model_training.publishing.trial import Limits

SHOWN = 20
"""The most generations to list in a message."""


def rollback(
    to: To,
    generation: Annotated[
        int | None,
        typer.Argument(min=1, help="Generation to roll back to, from `taxiway versions`; the previous one if omitted."),
    ] = None,
    wait: Wait = None,
    wait_seconds: WaitSeconds = 120,
    trial_seconds: TrialSeconds = 120,
) -> None:
    """Make an earlier version the live one again.

    If GENERATION is omitted, the newest earlier version that the function can serve and that differs from the live
    one is used. The version is tested as `publish` does, and copied within the bucket, which keeps the history. If
    somebody else publishes at the same time, their model stays live and this command fails.
    """
    from model_training.publishing.identity import labels_of
    from model_training.publishing.trial import Limits

    target, limits = LiveObject(to), Limits(seconds=trial_seconds)
    try:
        with step(f"Listing {to}"):
            found = target.versions()
        live = next((stored for stored in found if stored.live), None)
        if generation is None:
            source, identity = _newest_servable(target, found, live, limits)
        else:
            source = _find(generation, found, to)
            identity = _try(target, source, limits)
        with step(f"Copying generation {source.generation} to {to}"):
            copied = target.copy_to_live(source.generation, labels_of(identity), live.generation if live else 0)
    except Refused as error:
        fail(f"not rolled back, because the function would refuse generation {generation}: {error}.")
    except BucketError as error:
        fail(str(error))
    say(f"Rolled back to {identity.version}: generation {copied} of {to} is a copy of generation {source.generation}.")
    if wait:
        wait_for_version(wait, identity.version, copied, wait_seconds)


def _find(generation: int, found: "Sequence[Stored]", uri: str) -> Stored:
    match = next((stored for stored in found if stored.generation == generation), None)
    if match is None:
        from function.model.faults import listed

        known = [f"{stored.generation}{' (live)' if stored.live else ''}" for stored in found]
        fail(f"{uri} has no generation {generation}; it has {listed(known, SHOWN) or 'none'}.")
    if match.live:
        fail(f"generation {generation} of {uri} is already live.")
    return match


def _newest_servable(
    target: LiveObject, found: "Sequence[Stored]", live: Stored | None, limits: "Limits"
) -> "tuple[Stored, Identity]":
    """Return the newest generation that the function can serve and whose content differs from the live one."""
    newest = next(_servable(target, found, live, limits), None)
    if newest is None:
        fail(
            f"{target.uri} has no earlier version to roll back to ({len(found)} generations). "
            "Turn on object versioning, with which the bucket keeps earlier versions."
        )
    return newest


def _servable(
    target: LiveObject, found: "Sequence[Stored]", live: Stored | None, limits: "Limits"
) -> "Iterator[tuple[Stored, Identity]]":
    live_version = live and _version(target, live)
    for stored in found:
        if live and (stored.live or (stored.size, stored.crc32c) == (live.size, live.crc32c)):
            continue
        try:
            identity = _try(target, stored, limits)
        except (Refused, GenerationDeleted) as error:
            warn(f"generation {stored.generation} is skipped: {error}")
            continue
        if identity.version != live_version:
            yield stored, identity


def _version(target: LiveObject, live: Stored) -> str | None:
    """Return the live version, or None if it can't be read."""
    from model_training.publishing.identity import identify_stored

    try:
        return identify_stored(target, live).version
    except Refused:
        return None


def _try(target: LiveObject, stored: Stored, limits: "Limits") -> "Identity":
    from model_training.publishing.identity import check_size
    from model_training.publishing.trial import try_model

    with step(f"Testing generation {stored.generation} with the code of the function"):
        check_size(stored.size)
        identity, warnings = try_model(target.download(stored.generation), name_in(target.uri), limits)
    for warning in warnings:
        warn(warning)
    return identity
