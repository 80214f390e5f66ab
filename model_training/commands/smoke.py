"""Try a function that has just been deployed."""

from typing import TYPE_CHECKING

from function.errors import Refused
from model_training.commands.support.console import fail, say, step
from model_training.commands.support.options import To, Url, WaitSeconds
from model_training.commands.support.waiting import wait_for_version
from model_training.publishing.bucket import LiveObject
from model_training.publishing.bucket_errors import BucketProblem

if TYPE_CHECKING:
    from model_training.publishing.bucket import Stored
    from model_training.publishing.identity import Identity


def smoke(url: Url, to: To, wait_seconds: WaitSeconds = 120) -> None:
    """Ask a function for its health, the model that it serves, and a prediction.

    The model must be the live one of the bucket, whose golden rows get the predictions that training
    saw; a bare model.joblib has none. ID_TOKEN of the environment, if set, goes along.
    """
    from model_training.publishing.smoke_test import SmokeFailure, check_golden_rows, wait_until_healthy

    try:
        with step(f"Asking {url} for its health"):
            wait_until_healthy(url, wait_seconds)
        live, identity = _live(to)
        wait_for_version(url, identity.version, live.generation, wait_seconds)
        golden = identity.manifest and identity.manifest.golden
        if not identity.manifest or not golden:
            say(f"{identity.version} has no golden rows: no prediction was tried.")
            return
        with step(f"Predicting {len(golden.rows)} golden rows"):
            check_golden_rows(url, identity.manifest, golden)
    except SmokeFailure as failure:
        fail(str(failure))
    say(f"{url} predicts the golden rows of {identity.version} as training did.")


def _live(to: str) -> "tuple[Stored, Identity]":
    from model_training.publishing.identity import identify_stored

    there = LiveObject(to)
    try:
        live = there.live()
        if live is None:
            fail(f"{to} has no model yet.")
        return live, identify_stored(there, live)
    except Refused as error:
        fail(f"the live model of {to} can't be read: {error}.")
    except BucketProblem as error:
        fail(str(error))
