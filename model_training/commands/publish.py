"""Publish a model: test it, compare it with the live one, upload it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from function.errors import Refused
from model_training.commands.support.console import fail, say, step, warn
from model_training.commands.support.options import To, TrialSeconds, Wait, WaitSeconds, name_in
from model_training.commands.support.waiting import wait_for_version
from model_training.publishing.bucket import LiveObject, Stored
from model_training.publishing.bucket_errors import BucketError

if TYPE_CHECKING:
    from model_training.publishing.gate import Comparison
    from model_training.publishing.identity import Identity


def publish(
    to: To,
    bundle: Annotated[Path, typer.Argument(help="Model file: a bundle or a bare joblib file.")] = Path(
        "build/model.zip"
    ),
    tolerance: Annotated[
        float, typer.Option(min=0, help="How much worse the hold-out metric may be than the live model's.")
    ] = 0.005,
    *,
    allow_worse: Annotated[
        bool, typer.Option("--allow-worse", help="Publish even if the hold-out metric is worse.")
    ] = False,
    allow_schema_change: Annotated[
        bool, typer.Option("--allow-schema-change", help="Publish even if the features are different.")
    ] = False,
    if_none: Annotated[bool, typer.Option("--if-none", help="Do nothing if a model is already live.")] = False,
    wait: Wait = None,
    wait_seconds: WaitSeconds = 120,
    trial_seconds: TrialSeconds = 120,
) -> None:
    """Test a model, compare it with the live one, and upload it.

    The model is not published if the function would refuse to serve it, if its hold-out metric (AUC, macro AUC or
    R2) is worse than the live model's, or if its features are different. If somebody else publishes at the same
    time, their model stays live and this command fails.
    """
    from model_training.publishing.gate import compare
    from model_training.publishing.identity import labels_of
    from model_training.publishing.trial import Limits, try_model

    target, data = LiveObject(to), _read(bundle)
    try:
        if if_none and (existing := target.live()):
            say(f"{to} already has a model (generation {existing.generation}): nothing was published.")
            return
        with step("Testing the model with the code of the function"):
            identity, warnings = try_model(data, name_in(to), Limits(seconds=trial_seconds))
        with step("Comparing with the live model"):
            live = target.live()
            comparison = compare(identity, _identity(target, live), tolerance)
        _report(warnings, comparison)
        _check_gate(comparison, allow_worse=allow_worse, allow_schema_change=allow_schema_change)
        with step(f"Uploading {len(data):,} bytes to {to}"):
            generation = target.upload(data, labels_of(identity), live.generation if live else 0)
    except Refused as error:
        fail(f"not published, because the function would refuse {bundle}: {error}.")
    except BucketError as error:
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


def _identity(target: LiveObject, live: Stored | None) -> "Identity | str":
    """Return the identity of the live model, or why it can't be compared."""
    from model_training.publishing.identity import identify_stored

    if live is None:
        return "there is none"
    try:
        return identify_stored(target, live)
    except Refused as error:
        return f"the live model can't be read: {error}"


def _report(warnings: Sequence[str], comparison: "Comparison") -> None:
    for warning in warnings:
        warn(warning)
    for note in comparison.notes:
        say(f"{note[0].upper()}{note[1:]}.")
    for change in comparison.changes:
        say(f"Features changed: {change}.")


def _check_gate(comparison: "Comparison", *, allow_worse: bool, allow_schema_change: bool) -> None:
    """End the command if the model is worse or has other features, unless an option allows it."""
    reasons = []
    if comparison.worse and not allow_worse:
        reasons.append(f"{comparison.worse}; use --allow-worse to publish it anyway.")
    if comparison.changes and not allow_schema_change:
        changes = "; ".join(comparison.changes)
        reasons.append(
            f"its features differ from the live model's ({changes}); use --allow-schema-change to publish it anyway."
        )
    if reasons:
        fail(f"not published: {' Also, '.join(reasons)}")
