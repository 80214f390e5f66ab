"""How the workflows are made: bounded in time and rights, pinned, and open to no text from outside."""

import re
from typing import Any

import pytest
import yaml

from tests.support.function_process import ROOT
from tests.support.workflows import WORKFLOWS, Step, document, jobs, steps

STEPS = list(steps())
RUNS = [step for step in STEPS if step.script]
PINNED = re.compile(r"uses: (\S+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$", re.MULTILINE)
WRITES = {
    "comment": {"pull-requests"},
    "plan": {"id-token"},
    "attest": {"id-token", "attestations"},
    "staging": {"id-token"},
    "production": {"id-token"},
    "deploy": {"id-token"},
    "rollback": {"id-token"},
    "publish": {"id-token"},
    "load": {"id-token"},
}


def test_there_are_workflows() -> None:
    """Else the other tests would test nothing."""
    assert [path.stem for path in WORKFLOWS] == ["ci", "deploy-environment", "deploy", "load", "model", "security"]
    assert len(RUNS) > 20


@pytest.mark.parametrize(("workflow", "name", "job"), list(jobs()))
def test_jobs_are_bounded(workflow: str, name: str, job: dict[str, Any]) -> None:
    """In time and in what they may do."""
    if job.get("uses", "").startswith("./"):  # the jobs of that workflow are bounded themselves
        assert (ROOT / job["uses"]) in WORKFLOWS
    else:
        assert job["timeout-minutes"] <= 60
    assert document(ROOT / ".github" / "workflows" / workflow)["permissions"] == {}
    writes = {scope for scope, kind in job["permissions"].items() if kind == "write"}
    assert writes == WRITES.get(name, set())


def test_actions_are_pinned() -> None:
    """By commit, with the version beside it, the same everywhere."""
    text = "".join(path.read_text("utf-8") for path in WORKFLOWS)
    found = PINNED.findall(text)
    assert len(found) == len(re.findall(r"uses: (?!\./)", text))
    assert len(set(found)) == len({name for name, *_ in found})


@pytest.mark.parametrize("step", [step for step in STEPS if step.action == "actions/upload-artifact"], ids=str)
def test_a_job_can_be_run_again(step: Step) -> None:
    """An artifact with the same name would fail it (https://github.com/actions/upload-artifact#inputs)."""
    assert step.fields["with"]["overwrite"] is True


@pytest.mark.parametrize("step", RUNS, ids=str)
def test_scripts_take_values_by_the_environment(step: Step) -> None:
    """No expression is pasted into a script, and every variable of a script is declared."""
    assert "${{" not in step.script
    declared = {*step.job.get("env", {}), *step.fields.get("env", {}), "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"}
    assert set(re.findall(r"\$\{?(\w+)", step.script)) <= declared


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_what_is_cut_short_is_harmless(path: Any) -> None:
    """A run that may change the cloud goes on to its end, whatever comes after it."""
    concurrency = document(path)["concurrency"]
    assert concurrency["cancel-in-progress"] in (False, "${{ github.event_name == 'pull_request' }}")


def test_no_strangers_code_gets_rights() -> None:
    """No workflow runs in this repository's name on what a fork has sent."""
    for path in WORKFLOWS:
        assert set(document(path)["on"]) <= {"pull_request", "push", "schedule", "workflow_call", "workflow_dispatch"}


def test_the_required_job_needs_all_others() -> None:
    """So that requiring it requires them."""
    others = {name for workflow, name, _ in jobs() if workflow == "ci.yml"} - {"done"}
    assert set(document(WORKFLOWS[0])["jobs"]["done"]["needs"]) == others


def test_dependabot_knows_every_folder() -> None:
    """That holds what it looks after; what is new there waits a week."""
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text("utf-8"))["updates"]
    files = {"uv": "uv.lock", "terraform": "versions.tf", "npm": "package.json", "github-actions": "."}
    folders = {each["package-ecosystem"]: each.get("directories", [each.get("directory")]) for each in updates}
    assert set(folders) == set(files)
    for ecosystem, places in folders.items():
        assert [place for place in places if not (ROOT / place.strip("/") / files[ecosystem]).exists()] == []
    assert all(each["cooldown"]["default-days"] >= 7 for each in updates)


def test_credentials_are_never_taken_along() -> None:
    """The file that google-github-actions/auth leaves lying about is not committed, and only what is named is sent."""
    assert "gha-creds-*.json" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    sent = [line for line in (ROOT / ".gcloudignore").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert sent == ["/*", "!/main.py", "!/requirements.txt", "!/function/", "__pycache__/"]
