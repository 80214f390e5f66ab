"""Takes the steps one by one."""

from tests.deploy.rehearsal.rehearsal import Rehearsal
from tests.deploy.rehearsal.steps import Step


def take(rehearsal: Rehearsal, name: str, step: Step) -> str:
    """Take a step and return what it saw; it fails too if a call or a response was not as Google documents it."""
    rehearsal.cloud.access.step = name
    seen = step(rehearsal)
    differences = [*dict.fromkeys(map(str, rehearsal.cloud.differences))]
    assert not differences, "Not as Google's documents describe it:\n" + "\n".join(differences)
    return seen
