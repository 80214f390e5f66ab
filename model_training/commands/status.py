"""Show what a running function's instances serve."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from model_training.commands.support.console import columns, fail, say, step
from model_training.commands.support.options import Url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model_training.publishing.endpoint import Answer

HEADINGS = ("answers", "version", "generation", "engine", "loaded at", "what is the matter")
PROBE_SECONDS = 30.0


def status(
    url: Url,
    probes: Annotated[int, typer.Option(min=1, max=10_000, help="How often to ask.")] = 20,
) -> None:
    """Ask a function which model it serves, over and over, each time on a new connection.

    Fails where its instances disagree or no model is live. ID_TOKEN of the environment, if set,
    goes along.
    """
    from model_training.publishing.endpoint import ask

    with step(f"Asking {url}") as show:
        answers: Counter[Answer] = Counter()
        for number in range(1, probes + 1):
            answers[ask(url, PROBE_SECONDS)] += 1
            show(f"Asking {url}: {number} of {probes}")
    columns(HEADINGS, [_row(answer, count) for answer, count in answers.most_common()])
    _check(url, answers)


def _row(answer: "Answer", count: int) -> list[str]:
    told = (answer.version, answer.generation, answer.engine, answer.loaded_at)
    return [str(count), *("-" if value is None else str(value) for value in told), answer.trouble()]


def _check(url: str, answers: "Mapping[Answer, int]") -> None:
    served = {(answer.version, answer.generation) for answer in answers}
    versions = sorted({answer.version for answer in answers if answer.version})
    if not versions:
        fail(f"no model is live at {url}.")
    if len(served) > 1:
        silent = sum(count for answer, count in answers.items() if answer.version is None)
        without = f"; {silent} of {sum(answers.values())} answers name none" if silent else ""
        fail(f"the instances of {url} disagree: they serve {', '.join(versions)}{without}.")
    say(f"{url} serves {versions[0]}.")
