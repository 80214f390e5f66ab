"""Try a function that has just been deployed."""

import time
from typing import TYPE_CHECKING, Any

from function.errors import Refused
from model_training.bucket import LiveObject
from model_training.bucket_problems import BucketProblem
from model_training.console import fail, say, step
from model_training.options import To, Url, WaitSeconds

if TYPE_CHECKING:
    from function.model.manifest import Golden, Manifest
    from model_training.bucket import Stored
    from model_training.identity import Identity

CALL_SECONDS = 30.0
INTERVAL_SECONDS = 0.5
PASSING = frozenset({401, 403, 404, 429, 502, 503, 504})
"""What the platform answers where it does not know the function yet, or its callers, or has no instance."""


def smoke(url: Url, to: To, wait_seconds: WaitSeconds = 120) -> None:
    """Ask a function for its health, the model that it serves, and a prediction.

    The model must be the live one of the bucket, whose golden rows get the predictions that training
    saw; a bare model.joblib has none. ID_TOKEN of the environment, if set, goes along.
    """
    from model_training.waiting import wait_until_served

    try:
        with step(f"Asking {url} for its health"):
            _wait_until_healthy(url, wait_seconds)
        live, identity = _live(to)
        wait_until_served(url, identity.version, live.generation, wait_seconds)
        golden = identity.manifest and identity.manifest.golden
        if not identity.manifest or not golden:
            say(f"{identity.version} has no golden rows: no prediction was tried.")
            return
        with step(f"Predicting {len(golden.rows)} golden rows"):
            predictions = _call("POST", f"{url}/predict", {"instances": _instances(identity.manifest, golden)})
            _compare(url, predictions, golden.labels)
    except _Trouble as trouble:
        fail(str(trouble))
    say(f"{url} predicts the golden rows of {identity.version} as training did.")


class _Trouble(Exception):
    """What the function does not do, in a sentence; and whether that may pass."""

    def __init__(self, sentence: str, *, may_pass: bool = False) -> None:
        super().__init__(sentence)
        self.may_pass = may_pass


def _wait_until_healthy(url: str, seconds: float) -> None:
    """Ask until it answers well: who may call a function that was just made takes its time to get around."""
    start = time.monotonic()
    while True:
        try:
            _call("GET", f"{url}/health")
        except _Trouble as trouble:
            if not trouble.may_pass or time.monotonic() - start > seconds:
                raise
            time.sleep(INTERVAL_SECONDS)
        else:
            return


def _live(to: str) -> "tuple[Stored, Identity]":
    from model_training.identity import identify_stored

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


def _instances(manifest: "Manifest", golden: "Golden") -> list[Any]:
    names = [feature.name for feature in manifest.features]
    return [dict(zip(names, row, strict=True)) for row in golden.rows]


def _call(method: str, url: str, content: Any = None) -> Any:
    """Return the JSON of an answer that must be a good one."""
    import requests

    from model_training.endpoint import HINTS, call

    try:
        response = call(method, url, CALL_SECONDS, content)
        if not response.ok:
            status = response.status_code
            raise _Trouble(f"{method} {url} answered {status}{HINTS.get(status, '')}.", may_pass=status in PASSING)
        return response.json()
    except requests.JSONDecodeError:
        raise _Trouble(f"{method} {url} answered something that is no JSON.") from None
    except requests.RequestException as error:
        raise _Trouble(f"{method} {url}: no answer: {type(error).__name__}.", may_pass=True) from error


def _compare(url: str, answer: Any, labels: "tuple[Any, ...]") -> None:
    predictions = answer.get("predictions") if isinstance(answer, dict) else None
    if not isinstance(predictions, list) or len(predictions) != len(labels):
        raise _Trouble(f"POST {url}/predict does not answer with a prediction each row.")
    wrong = [row for row, pair in enumerate(zip(predictions, labels, strict=True)) if not _same(*pair)]
    if wrong:
        raise _Trouble(f"{url} predicts {len(wrong)} of {len(labels)} golden rows otherwise than training did.")


def _same(got: Any, wanted: Any) -> bool:
    """Tell whether a label is that of training; a regression's value within the tolerance of serving."""
    from function.model.live import TOLERANCE

    if isinstance(wanted, float) and isinstance(got, int | float):
        return abs(got - wanted) <= TOLERANCE * max(1.0, abs(wanted))
    return bool(got == wanted)
