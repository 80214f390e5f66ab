"""Run a smoke test of a newly deployed function."""

from typing import TYPE_CHECKING

from function.errors import Refused
from model_training.commands.support.console import fail, note, say, step
from model_training.commands.support.options import To, Url, WaitSeconds
from model_training.commands.support.waiting import show_waiting
from model_training.publishing.bucket import LiveObject
from model_training.publishing.bucket_errors import BucketError

if TYPE_CHECKING:
    from model_training.publishing.bucket import Stored
    from model_training.publishing.identity import Identity


def smoke(url: Url, to: To, wait_seconds: WaitSeconds = 120) -> None:
    """Check the health of a function, the version that it serves, and its predictions.

    The function must serve the live model of the bucket, and predict its golden rows as training did (a bare joblib
    file has none). The identity token in the environment variable ID_TOKEN is sent, if it is set.
    """
    from model_training.publishing.smoke_test import SmokeFailure, wait_until_healthy

    try:
        with step(f"Checking the health of {url}"):
            wait_until_healthy(url, wait_seconds, note)
    except SmokeFailure as failure:
        fail(str(failure))
    live, identity = _live(to)
    while problem := _problem(url, live, identity, wait_seconds):
        newest, newer = _live(to)
        if newest.generation == live.generation:
            fail(problem)
        # Whoever publishes meanwhile must not make a good deployment fail.
        note(f"{to} has a newer model than {identity.version}: checking {newer.version}.")
        live, identity = newest, newer


def _problem(url: str, live: "Stored", identity: "Identity", wait_seconds: float) -> str:
    """Check that a function serves a model and predicts its golden rows; return what is wrong, or an empty text."""
    from model_training.publishing.smoke_test import SmokeFailure, check_golden_rows
    from model_training.publishing.waiting import NotServed

    golden = identity.manifest and identity.manifest.golden
    try:
        show_waiting(url, identity.version, live.generation, wait_seconds)
        if not identity.manifest or not golden:
            say(f"{identity.version} has no golden rows: predictions were not checked.")
            return ""
        with step(f"Predicting {len(golden.rows)} golden rows"):
            check_golden_rows(url, identity.manifest, golden)
    except NotServed as error:
        return f"{error}."
    except SmokeFailure as failure:
        return str(failure)
    say(f"{url} predicts the golden rows of {identity.version} as training did.")
    return ""


def _live(to: str) -> "tuple[Stored, Identity]":
    from model_training.publishing.identity import identify_stored

    target = LiveObject(to)
    try:
        live = target.live()
        if live is None:
            fail(f"{to} has no model yet: publish one with `taxiway publish --to {to}`.")
        return live, identify_stored(target, live)
    except Refused as error:
        fail(f"the live model of {to} can't be read: {error}.")
    except BucketError as error:
        fail(str(error))
