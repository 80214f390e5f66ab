"""A job of a workflow, whose steps are run one after another as GitHub's runner runs them.

An action without a replacement fails the run, and so does an expression that is not evaluated here.
"""

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.workflows.expressions import STATUS, Contexts, Functions, evaluate, filled

SECONDS = 600
# Of the machine: where programs are, and where Terraform finds its provider.
KEPT = re.compile(r"PATH|HOME|LANG|TF_.*")


Actions = Mapping[str, Callable[["Job", Mapping[str, str]], Mapping[str, str]]]
"""Replacements by name: they take the job and what is given to the action, and return its outputs."""


@dataclass
class Job:
    """A run of one job in a checkout. `outcomes` has each step's, `said` what it printed."""

    workflow: Path
    name: str
    checkout: Path
    environment: dict[str, str]
    """Of all steps; an action may add to it."""
    contexts: Contexts
    """What GitHub knows: `github`, `vars`, `secrets`, `inputs`."""
    actions: Actions
    outcomes: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def run(self, until: str | None = None) -> None:
        """Run the steps: all, or up to one after which the runner is lost."""
        document = yaml.safe_load(self.workflow.read_text("utf-8"))
        assert document["defaults"] == {"run": {"shell": "bash"}}
        job = document["jobs"][self.name]
        kept = {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}
        self.environment = {**kept, **self._filled(job.get("env", {})), **self.environment}
        for step in job["steps"]:
            label = step.get("name") or step.get("run") or step["uses"].partition("@")[0]
            assert label not in self.outcomes, f"two steps are called {label}"
            self.outcomes[label] = self._outcome(step, label) if self._wanted(step) else "skipped"
            if label == until:
                return

    @property
    def report(self) -> str:
        """The outcome and output of each step."""
        return "\n\n".join(f"{name}: {how}\n{self.said.get(name, '')}" for name, how in self.outcomes.items())

    @property
    def failed(self) -> bool:
        """Whether any step has failed, which makes the job fail."""
        return "failure" in self.outcomes.values()

    @property
    def summary(self) -> str:
        """What the steps have written to the page of the run."""
        path = self._file("summary")
        return path.read_text("utf-8") if path.exists() else ""

    @property
    def state(self) -> Contexts:
        """The contexts of the next step."""
        steps = {id: {"outputs": outputs} for id, outputs in self.outputs.items()}
        return {**self.contexts, "env": self.environment, "steps": steps}

    def _wanted(self, step: Mapping[str, Any]) -> bool:
        condition = step.get("if", "success()")
        if self.failed and not STATUS.search(condition):
            return False
        functions: Functions = {
            "success": lambda: not self.failed,
            "always": lambda: True,
            "hashFiles": lambda path: "found" if (self.checkout / path).exists() else "",
        }
        return bool(evaluate(condition, self.state, functions))

    def _outcome(self, step: Mapping[str, Any], label: str) -> str:
        if "uses" in step:
            action = step["uses"].partition("@")[0]
            outputs = self.actions[action](self, self._filled(step.get("with", {})))
        else:
            done = self._bash(step)
            self.said[label] = done.stdout
            if done.returncode:
                return "failure"
            outputs = dict(line.split("=", 1) for line in self._file("output").read_text("utf-8").splitlines())
            assert not self._file("env").read_text("utf-8"), "variables for later steps are not looked at here"
        self.outputs[step.get("id", label)] = outputs
        return "success"

    def _bash(self, step: Mapping[str, Any]) -> "subprocess.CompletedProcess[str]":
        self._file("output").write_text("")
        self._file("env").write_text("")
        files = {
            "GITHUB_OUTPUT": "output",
            "GITHUB_ENV": "env",
            "GITHUB_STEP_SUMMARY": "summary",
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.checkout,
            env={
                **self.environment,
                **self._filled(step.get("env", {})),
                **{name: str(self._file(file)) for name, file in files.items()},
            },
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
        )

    def _filled(self, values: Mapping[str, Any]) -> dict[str, str]:
        return {name: filled(value, self.state) for name, value in values.items()}

    def _file(self, name: str) -> Path:
        return self.checkout.parent / f"{self.checkout.name}-{name}"
