"""Show which model the instances of a running function serve."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from model_training.commands.support.console import columns, fail, say, step
from model_training.commands.support.options import Url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model_training.publishing.endpoint import ModelStatus

HEADINGS = ("responses", "version", "generation", "engine", "loaded at", "problems")
PROBE_SECONDS = 30.0


def status(
    url: Url,
    probes: Annotated[int, typer.Option(min=1, max=10_000, help="Number of requests to send.")] = 20,
) -> None:
    """Show which model each instance of a function serves.

    Requests GET /model several times, each on a new connection so that different instances respond. Fails if the
    instances serve different versions, or if no model is live. The identity token in the environment variable
    ID_TOKEN is sent, if it is set.
    """
    from model_training.publishing.endpoint import get_status

    with step(f"Requesting the status of {url}") as show:
        statuses: Counter[ModelStatus] = Counter()
        for number in range(1, probes + 1):
            statuses[get_status(url, PROBE_SECONDS)] += 1
            show(f"Requesting the status of {url}: {number} of {probes}")
    columns(HEADINGS, [_row(status, count) for status, count in statuses.most_common()])
    _check(url, statuses)


def _row(status: "ModelStatus", count: int) -> list[str]:
    values = (status.version, status.generation, status.engine, status.loaded_at)
    return [str(count), *("-" if value is None else str(value) for value in values), status.problems()]


def _check(url: str, statuses: "Mapping[ModelStatus, int]") -> None:
    served = {(status.version, status.generation) for status in statuses}
    versions = sorted({status.version for status in statuses if status.version})
    if not versions:
        fail(f"no model is live at {url}.")
    if len(served) > 1:
        without = sum(count for status, count in statuses.items() if status.version is None)
        note = f"; {without} of {sum(statuses.values())} responses have no version" if without else ""
        fail(f"the instances of {url} serve different models: {', '.join(versions)}{note}.")
    say(f"{url} serves {versions[0]}.")
