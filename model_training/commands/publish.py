"""Publish a model: try it, compare it with the live one, upload it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from function.errors import Refused
from model_training.commands.support.console import fail, say, step, warn
from model_training.commands.support.options import To, TrialSeconds, Wait, WaitSeconds, name_in
from model_training.commands.support.waiting import wait_for_version
from model_training.publishing.bucket import LiveObject, Stored
from model_training.publishing.bucket_errors import BucketProblem

if TYPE_CHECKING:
    from model_training.publishing.gate import Verdict
    from model_training.publishing.identity import Identity


def publish(
    to: To,
    bundle: Annotated[Path, typer.Argument(help="A bundle, or a bare model.joblib.")] = Path("build/model.zip"),
    tolerance: Annotated[
        float, typer.Option(min=0, help="How much worse than the live model's the hold-out metric may be.")
    ] = 0.005,
    *,
    allow_worse: Annotated[bool, typer.Option("--allow-worse", help="Publish a worse model all the same.")] = False,
    allow_schema_change: Annotated[
        bool, typer.Option("--allow-schema-change", help="Publish a model of other features all the same.")
    ] = False,
    if_none: Annotated[bool, typer.Option("--if-none", help="Do nothing where a model is live already.")] = False,
    wait: Wait = None,
    wait_seconds: WaitSeconds = 120,
    trial_seconds: TrialSeconds = 120,
) -> None:
    """Try a model as the function will, compare it with the live one, and upload it.

    It is refused where the function would refuse it, where its hold-out metric (AUC, macro AUC or
    R2) is worse than the live model's, or where its features changed. The upload is guarded by the
    generation that was compared: where somebody else has published meanwhile, theirs stays.
    """
    from model_training.publishing.gate import compare
    from model_training.publishing.identity import labels_of
    from model_training.publishing.trial import Limits, try_model

    there, data = LiveObject(to), _read(bundle)
    try:
        if if_none and (found := there.live()):
            say(f"{to} has a model, generation {found.generation}: nothing is published.")
            return
        with step("Trying the model as the function will"):
            identity, warnings = try_model(data, name_in(to), Limits(seconds=trial_seconds))
        with step("Comparing with the live model"):
            live = there.live()
            verdict = compare(identity, _known(there, live), tolerance)
        _report(warnings, verdict)
        _insist(verdict, allow_worse=allow_worse, allow_schema_change=allow_schema_change)
        with step(f"Uploading {len(data):,} bytes to {to}"):
            generation = there.upload(data, labels_of(identity), live.generation if live else 0)
    except Refused as error:
        fail(f"this file must not be served: {error}.")
    except BucketProblem as error:
        fail(str(error))
    name = identity.manifest.name if identity.manifest else name_in(to)
    say(f"Published {name} {identity.version} as generation {generation} of {to}.")
    if wait:
        wait_for_version(wait, identity.version, generation, wait_seconds)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        fail(f"{path} can't be read: {error.strerror}")


def _known(there: LiveObject, live: Stored | None) -> "Identity | str":
    """Return what the live model tells of itself, or why that is nothing."""
    from model_training.publishing.identity import identify_stored

    if live is None:
        return "there is none"
    try:
        return identify_stored(there, live)
    except Refused as error:
        return f"the live one can't be read: {error}"


def _report(warnings: Sequence[str], verdict: "Verdict") -> None:
    for warning in warnings:
        warn(warning)
    for note in verdict.notes:
        say(f"{note[0].upper()}{note[1:]}.")
    for change in verdict.changes:
        say(f"Features changed: {change}.")


def _insist(verdict: "Verdict", *, allow_worse: bool, allow_schema_change: bool) -> None:
    """End the command where the gate objects to something that was not allowed."""
    objections = []
    if verdict.worse and not allow_worse:
        objections.append(f"{verdict.worse}; --allow-worse publishes it all the same.")
    if verdict.changes and not allow_schema_change:
        changes = "; ".join(verdict.changes)
        objections.append(
            f"the features are not the live model's ({changes}); --allow-schema-change publishes it all the same."
        )
    if objections:
        fail(f"not published: {' And '.join(objections)}")
