"""A run of a workflow: which of its jobs run, by their conditions and by how those before them ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.deploy.workflows.expressions import STATUS, Contexts, Functions, evaluate, filled
from tests.deploy.workflows.job import Job
from tests.support.function_process import ROOT
from tests.support.workflows import document

Start = Callable[[Path, str, Contexts], Job]
"""Run a job of a workflow."""
Ended = dict[str, Any]
"""`result` and `outputs` of a job."""


@dataclass
class Run:
    """A run, the workflows that it calls included: `results` and `jobs` are by name, as in `production/deploy`."""

    start: Start
    given: Mapping[str, str]
    """The results of jobs that are not run here."""
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The outputs of these."""
    results: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)

    def run(self, workflow: Path, contexts: Contexts, caller: str = "", passed: tuple[str, ...] = ()) -> Ended:
        """Run the jobs in their order, which has each one after those that it needs.

        `passed` are the results of jobs before the caller, which count as before those of a called workflow.
        """
        content = document(workflow)
        done: dict[str, Ended] = {}
        before: dict[str, tuple[str, ...]] = {}
        for name, job in content["jobs"].items():
            needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            before[name] = tuple(dict.fromkeys([*needs, *(each for need in needs for each in before[need])]))
            results = (*passed, *(done[each]["result"] for each in before[name]))
            state = {**contexts, "needs": {each: done[each] for each in needs}}
            wanted = _wanted(job, state, results)
            done[name] = self._end(workflow, name, state, caller, results) if wanted else ended("skipped")
            self.results[caller + name] = done[name]["result"]
        called = content["on"].get("workflow_call") or {}
        outputs = {key: filled(each["value"], {"jobs": done}) for key, each in called.get("outputs", {}).items()}
        failed = any(each["result"] == "failure" for each in done.values())
        return ended("failure" if failed else "success", outputs)

    def _end(self, workflow: Path, name: str, state: Contexts, caller: str, before: tuple[str, ...]) -> Ended:
        job = document(workflow)["jobs"][name]
        if self.given.get(name):
            return ended(self.given[name], self.outputs.get(name))
        if "uses" in job:
            inputs, secrets = (
                {key: filled(each, state) for key, each in job.get(kind, {}).items()} for kind in ("with", "secrets")
            )
            called = {**state, "inputs": inputs, "secrets": secrets}
            return self.run(ROOT / job["uses"], called, f"{caller}{name}/", before)
        self.jobs[caller + name] = ran = self.start(workflow, name, state)
        outputs = {key: filled(each, ran.state) for key, each in job.get("outputs", {}).items()}
        return ended("failure" if ran.failed else "success", outputs)


def ended(result: str, outputs: Mapping[str, str] | None = None) -> Ended:
    """Return how a job ended, as the context `needs` has it."""
    return {"result": result, "outputs": outputs or {}}


def _wanted(job: Mapping[str, Any], state: Contexts, before: tuple[str, ...]) -> bool:
    """Whether a job runs, after all those that it needs, and that these need, had some results."""
    condition = job.get("if", "success()")
    succeeded = set(before) <= {"success"}
    functions: Functions = {
        "success": lambda: succeeded,
        "failure": lambda: "failure" in before,
        "cancelled": lambda: False,
        "always": lambda: True,
    }
    if not STATUS.search(condition) and not succeeded:
        return False
    return bool(evaluate(condition, state, functions))
