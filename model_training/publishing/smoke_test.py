"""Check that a function which was just deployed works: its health, and the predictions of golden rows."""

import time
from typing import Any

from function.model.manifest import Golden, Manifest

CALL_SECONDS = 30.0
INTERVAL_SECONDS = 0.5
OTHER_TOLERANCE = 1e-5
"""Of the values of a regression that is not compiled, or was by an older version."""
TRANSIENT = frozenset({401, 403, 404, 429, 502, 503, 504})
"""Statuses of the platform while it does not know the function or its callers yet, or has no instance."""


class SmokeFailure(Exception):
    """Something that the function does not do, in a sentence; and whether that may pass."""

    def __init__(self, sentence: str, *, transient: bool = False) -> None:
        """`transient` failures are worth another try."""
        super().__init__(sentence)
        self.transient = transient


def wait_until_healthy(url: str, seconds: float) -> None:
    """Poll `GET /health` until it succeeds: the right to call a new function takes time to propagate.

    Raises:
        SmokeFailure: it fails for good, or still does after so many seconds.
    """
    start = time.monotonic()
    while True:
        try:
            _call("GET", f"{url}/health")
        except SmokeFailure as failure:
            if not failure.transient or time.monotonic() - start > seconds:
                raise
            time.sleep(INTERVAL_SECONDS)
        else:
            return


def check_golden_rows(url: str, manifest: Manifest, golden: Golden) -> None:
    """Send the golden rows as a caller would, and compare the predictions with those of training.

    Raises:
        SmokeFailure: they are not the same, or there are none.
    """
    names = [feature.name for feature in manifest.features]
    instances = [dict(zip(names, row, strict=True)) for row in golden.rows]
    tolerance = manifest.proof.tolerance if manifest.proof else OTHER_TOLERANCE
    _compare(url, _call("POST", f"{url}/predict", {"instances": instances}), golden.labels, tolerance)


def _call(method: str, url: str, content: Any = None) -> Any:
    """Return the JSON of a response that must be a success."""
    import requests

    from model_training.publishing.endpoint import HINTS, call

    try:
        response = call(method, url, CALL_SECONDS, content)
        if not response.ok:
            status = response.status_code
            raise SmokeFailure(
                f"{method} {url} answered {status}{HINTS.get(status, '')}.", transient=status in TRANSIENT
            )
        return response.json()
    except requests.JSONDecodeError:
        raise SmokeFailure(f"{method} {url} answered something that is no JSON.") from None
    except requests.RequestException as error:
        raise SmokeFailure(f"{method} {url}: no answer: {type(error).__name__}.", transient=True) from error


def _compare(url: str, answer: Any, labels: tuple[Any, ...], tolerance: float) -> None:
    predictions = answer.get("predictions") if isinstance(answer, dict) else None
    if not isinstance(predictions, list) or len(predictions) != len(labels):
        raise SmokeFailure(f"POST {url}/predict does not answer with a prediction each row.")
    wrong = [row for row, pair in enumerate(zip(predictions, labels, strict=True)) if not _same(*pair, tolerance)]
    if wrong:
        raise SmokeFailure(f"{url} predicts {len(wrong)} of {len(labels)} golden rows otherwise than training did.")


def _same(got: Any, wanted: Any, tolerance: float) -> bool:
    """Compare a label with training's; the value of a regression within the tolerance of serving."""
    if isinstance(wanted, float) and isinstance(got, int | float):
        return abs(got - wanted) <= tolerance * max(1.0, abs(wanted))
    return bool(got == wanted)
