"""Check that a newly deployed function works: its health, and its predictions of the golden rows."""

import time
from collections.abc import Callable
from typing import Any

from function.model.manifest import Golden, Manifest
from function.model.plan.proof import Proof

CALL_SECONDS = 30.0
INTERVAL_SECONDS = 0.5
OTHER_TOLERANCE = 1e-5
"""Tolerance for the values of a regression whose bundle has no proof."""
TRANSIENT = frozenset({401, 403, 404, 429, 502, 503, 504})
"""Statuses of the platform while a new function, its permissions or its instances are not ready yet."""


class SmokeFailure(Exception):
    """A check of the deployed function failed; `str(error)` is the message for the user."""

    def __init__(self, message: str, *, transient: bool = False) -> None:
        """Store the message; a `transient` failure may be retried."""
        super().__init__(message)
        self.transient = transient


def wait_until_healthy(url: str, seconds: float, show: Callable[[str], None] = lambda problem: None) -> None:
    """Poll `GET /health` until it succeeds; permissions of a new function take time to propagate.

    Args:
        url: address of the function.
        seconds: time limit.
        show: receives the first problem that may pass.

    Raises:
        SmokeFailure: the failure is permanent, or the time in seconds is over.
    """
    start = time.monotonic()
    shown = False
    while True:
        try:
            _send("GET", f"{url}/health")
        except SmokeFailure as failure:
            if not failure.transient or time.monotonic() - start > seconds:
                raise
            if not shown:
                show(f"{failure} Trying again for up to {seconds:g} s.")
            shown = True
            time.sleep(INTERVAL_SECONDS)
        else:
            return


def check_golden_rows(url: str, manifest: Manifest, golden: Golden) -> None:
    """Send the golden rows to a function, and compare its predictions with those of training.

    Raises:
        SmokeFailure: a prediction is missing or different.
    """
    names = [feature.name for feature in manifest.features]
    instances = [dict(zip(names, row, strict=True)) for row in golden.rows]
    tolerance = manifest.proof.tolerance if isinstance(manifest.proof, Proof) else OTHER_TOLERANCE
    _compare(url, _send("POST", f"{url}/predict", {"instances": instances}), golden.labels, tolerance)


def _send(method: str, url: str, content: Any = None) -> Any:
    """Send a request, and return the JSON of its successful response."""
    import requests

    from model_training.publishing.endpoint import HINTS, send

    try:
        response = send(method, url, CALL_SECONDS, content)
        if not response.ok:
            status = response.status_code
            raise SmokeFailure(
                f"{method} {url} responded with status {status}{HINTS.get(status, '')}.", transient=status in TRANSIENT
            )
        return response.json()
    except requests.JSONDecodeError:
        raise SmokeFailure(f"{method} {url} responded with invalid JSON: check the address.") from None
    except requests.RequestException as error:
        if _is_unknown_host(error):
            raise SmokeFailure(f"{method} {url}: there is no such host: check the address.") from error
        raise SmokeFailure(f"{method} {url}: no response: {type(error).__name__}.", transient=True) from error


def _is_unknown_host(error: Exception) -> bool:
    """Return whether the name of a host has no address, which does not pass by waiting."""
    from urllib3.exceptions import NameResolutionError

    return isinstance(getattr(error.args[0] if error.args else None, "reason", None), NameResolutionError)


def _compare(url: str, response: Any, labels: tuple[Any, ...], tolerance: float) -> None:
    predictions = response.get("predictions") if isinstance(response, dict) else None
    if not isinstance(predictions, list) or len(predictions) != len(labels):
        raise SmokeFailure(f"POST {url}/predict did not return one prediction for each row.")
    wrong = [row for row, pair in enumerate(zip(predictions, labels, strict=True)) if not _same(*pair, tolerance)]
    if wrong:
        raise SmokeFailure(f"{url} predicts {len(wrong)} of {len(labels)} golden rows differently from training.")


def _same(actual: Any, expected: Any, tolerance: float) -> bool:
    """Return whether two labels are equal, or two values of a regression equal within the tolerance of serving.

    Of a model with several outputs, all of them have to be.
    """
    if isinstance(expected, tuple):
        is_array = isinstance(actual, list) and len(actual) == len(expected)
        return is_array and all(_same(*pair, tolerance) for pair in zip(actual, expected, strict=True))
    if isinstance(expected, float) and isinstance(actual, int | float):
        return abs(actual - expected) <= tolerance * max(1.0, abs(expected))
    return bool(actual == expected)
