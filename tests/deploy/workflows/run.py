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


@dataclass
class Run:
    """A run, the workflows that it calls included: `results` and `jobs` are by name, as in `production/deploy`."""

    start: Start
    given: Mapping[str, str]
    """The results of jobs that are not run here."""
    results: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)

    def run(self, workflow: Path, contexts: Contexts, caller: str = "") -> str:
        """Run the jobs in their order, which has each one after those that it needs; return the result of all."""
        done: dict[str, dict[str, Any]] = {}
        before: dict[str, list[str]] = {}
        for name, job in document(workflow)["jobs"].items():
            needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            before[name] = [*needs, *(each for need in needs for each in before[need])]
            state = {**contexts, "needs": {each: done[each] for each in needs}}
            outputs: dict[str, str] = {}
            result = "skipped"
            if _wanted(job, state, [done[each]["result"] for each in before[name]]):
                result = self.given.get(name) or self._ended(workflow, name, job, state, caller)
                ran = self.jobs.get(caller + name)
                outputs = {key: filled(each, ran.state) for key, each in job.get("outputs", {}).items()} if ran else {}
            done[name] = {"result": result, "outputs": outputs}
            self.results[caller + name] = result
        return "failure" if any(each["result"] == "failure" for each in done.values()) else "success"

    def _ended(self, workflow: Path, name: str, job: Mapping[str, Any], state: Contexts, caller: str) -> str:
        if "uses" in job:
            given = {
                kind: {key: filled(each, state) for key, each in job.get(key_of, {}).items()}
                for kind, key_of in (("inputs", "with"), ("secrets", "secrets"))
            }
            return self.run(ROOT / job["uses"], {**state, **given}, f"{caller}{name}/")
        self.jobs[caller + name] = self.start(workflow, name, state)
        return "failure" if self.jobs[caller + name].failed else "success"


def _wanted(job: Mapping[str, Any], state: Contexts, before: list[str]) -> bool:
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
