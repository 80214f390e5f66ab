"""The workflows as they are written, read for tests."""

import itertools
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.support.function_process import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TEST = re.compile(r"\[\[ .* \]\]")
HOLDS = frozenset({"|", ";", "&&", "{", "}"})


class Step(NamedTuple):
    """A step, the job that it is of, and its number there."""

    workflow: str
    job: dict[str, Any]
    number: int
    fields: dict[str, Any]

    def __str__(self) -> str:
        """Tell it from others."""
        return f"{self.workflow}: {self.fields.get('name') or self.fields.get('run') or self.fields['uses']}"

    @property
    def script(self) -> str:
        """What it runs, if it does."""
        return str(self.fields.get("run", ""))

    @property
    def action(self) -> str:
        """The name of what it uses, if it does."""
        return str(self.fields.get("uses", "")).partition("@")[0]

    def before(self) -> "list[Step]":
        """Return the steps of the job up to this one."""
        return [self._replace(number=n, fields=self.job["steps"][n]) for n in range(self.number + 1)]


@cache
def document(path: Path) -> dict[str, Any]:
    """Read a workflow; `on`, which YAML takes for a truth, has its name again."""
    loaded: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return {"on" if key is True else key: value for key, value in loaded.items()}


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield all jobs, with their workflow's file and their own name."""
    for path in WORKFLOWS:
        for name, job in document(path)["jobs"].items():
            yield path.name, name, job


def steps() -> Iterator[Step]:
    """Yield all steps."""
    for workflow, _, job in jobs():
        for number, fields in enumerate(job.get("steps", ())):
            yield Step(workflow, job, number, fields)


def commands(script: str) -> Iterator[list[str]]:
    """Split a script into commands, each into words, without what holds them together or says where they print."""
    for line in script.splitlines():
        lexer = shlex.shlex(TEST.sub("true", line), posix=True, punctuation_chars="|;&{}")
        lexer.whitespace_split = True
        for holds, words in itertools.groupby(lexer, key=HOLDS.__contains__):
            command = list(itertools.takewhile(lambda word: not word.startswith(">"), words))
            if command and not holds:
                yield command
