"""The deployment's workflow: what its jobs do on main, push after push, against the local cloud.

The steps are read out of deploy.yml and run in a copy of the repository, with the real Terraform and provider.
"""

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.deploy.workflows.job import Job
from tests.deploy.workflows.repository import PROJECT, PUSH, Repository, bootstrapped, need_provider
from tests.local_cloud import LocalCloud
from tests.support.workflows import WORKFLOWS, document

CALLED = document(next(path for path in WORKFLOWS if path.name == "deploy-environment.yml"))
MARK = '\nprint("this is the source: {}", flush=True)\n'
BROKEN = '\nraise RuntimeError("this source is broken")\n'
SILENT = """
import functions_framework

@functions_framework.http
def predict(request):
    return "out of order", 500
"""
# What is pushed to main, one after another, and the name of what must serve afterwards. The third loses its runner in
# the middle of the deployment, and leaves the state locked.
PUSHES = {
    "first": ("", "first"),
    "changed": ("", "changed"),
    "lost": (BROKEN, "changed"),
    "crashing": (BROKEN, "changed"),
    "silent": (SILENT, "changed"),
    "mended": ("", "mended"),
}
GOOD = [name for name, (_, after) in PUSHES.items() if name == after]


@dataclass
class Pushed:
    """What a push to main has done."""

    results: Mapping[str, str]
    job: Job
    rollback: Job | None
    """The job that went back, if it ran."""
    log: str
    """Of the revision that serves afterwards."""
    answer: httpx.Response
    """To a prediction asked for afterwards."""
    plan: int
    """The exit code of `terraform plan -detailed-exitcode` with the source that serves; 0: there is nothing to do."""


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Pushed]]:
    """All pushes, one after another, to a repository that has no staging."""
    with LocalCloud(project=PROJECT) as cloud:
        bootstrapped(cloud)
        repository = Repository(tmp_path_factory.mktemp("pushed"), cloud)
        yield {name: push(repository, name) for name in PUSHES}


def push(repository: Repository, name: str) -> Pushed:
    """Change the source and run the jobs; then look at what is there."""
    repository.write(MARK.format(name) + PUSHES[name][0])
    run = repository.deploy(lost="production/deploy" if name == "lost" else "")
    job = run.jobs["production/deploy"]
    need_provider(job)
    repository.write(MARK.format(PUSHES[name][1]))
    return Pushed(
        results=run.results,
        job=job,
        rollback=run.jobs.get("production/rollback"),
        log=repository.log(),
        answer=repository.predict(),
        plan=repository.plan(job),
    )


def test_a_fork_without_credentials_deploys_nothing(tmp_path: Path, cloud: LocalCloud) -> None:
    """It gets a notice, and its run stays green."""
    run = Repository(tmp_path, cloud).deploy(vars={})
    ran = {name for name, result in run.results.items() if result != "skipped"}
    assert ran == {"configured", "ci"}
    assert "failure" not in run.results.values()
    assert run.jobs["configured"].said["Say that nothing is deployed"].startswith("::notice title=Not deployed to")
    assert cloud.calls.count() == 0


def test_ci_comes_first(tmp_path: Path, cloud: LocalCloud) -> None:
    """Of the same commit; without it only by hand. Its own queue may have cancelled it."""
    repository = Repository(tmp_path, cloud)
    for result in ("failure", "cancelled"):
        run = repository.deploy(given={"ci": result})
        ran = {name for name, each in run.results.items() if each != "skipped"}
        assert ran == {"configured", "ci"}
    by_hand = {**PUSH, "event_name": "workflow_dispatch"}
    run = repository.deploy(given={"production": "success"}, github=by_hand, inputs={"skip_ci": True})
    assert (run.results["ci"], run.results["build"], run.results["production"]) == ("skipped", "success", "success")


@pytest.mark.parametrize("github", [{**PUSH, "ref": "refs/heads/other", "event_name": "workflow_dispatch"}])
def test_other_branches_are_not_deployed(tmp_path: Path, cloud: LocalCloud, github: Mapping[str, str]) -> None:
    """By hand neither."""
    run = Repository(tmp_path, cloud).deploy(github=github, inputs={"skip_ci": True})
    assert set(run.results.values()) == {"skipped"}


def test_a_rollback_never_waits_for_a_reviewer() -> None:
    """The environment of the deployment may have some; the rollback has its own environment."""
    environments = [CALLED["jobs"][name]["environment"] for name in ("deploy", "rollback")]
    assert environments[0]["name"] == "${{ inputs.environment }}"
    assert environments[1] == "${{ inputs.environment }}-rollback"


def test_who_waits_for_whom() -> None:
    """One deployment to an environment at a time; production's do not stop those to staging, nor a training."""
    groups = {path.stem: document(path)["concurrency"]["group"] for path in WORKFLOWS}
    assert groups["deploy-environment"] == "deployment-${{ inputs.environment }}"
    assert groups["deploy"].endswith("|| github.run_id }}")
    assert groups["model"] == "model"


@pytest.mark.parametrize("name", GOOD)
def test_a_good_source_is_deployed(pushed: Mapping[str, Pushed], name: str) -> None:
    """Every step of the main path does its part; there is neither a staging nor a rollback."""
    assert (pushed[name].results["staging"], pushed[name].results["production"]) == ("skipped", "success")
    job = pushed[name].job
    skipped = [step for step, outcome in job.outcomes.items() if outcome != "success"]
    assert skipped == (["Keep it for a rollback"] if name == "first" else []), job.report
    assert not pushed[name].rollback


@pytest.mark.parametrize(("name", "step"), [("lost", "Deploy"), ("crashing", "Deploy"), ("silent", "Smoke test")])
def test_a_bad_source_fails_the_job(pushed: Mapping[str, Pushed], name: str, step: str) -> None:
    """At the step that finds it out; then the source before is deployed again."""
    job, rollback = pushed[name].job, pushed[name].rollback
    assert [step for step, outcome in job.outcomes.items() if outcome == "failure"] == [step], job.report
    assert rollback
    assert set(rollback.outcomes.values()) == {"success"}, rollback.report
    assert "This source failed." in rollback.summary


def test_the_lock_of_a_lost_runner_is_released(pushed: Mapping[str, Pushed]) -> None:
    """The state can be changed again; where there is no lock, none is released."""
    step = "Release the state lock of a deployment that was cut off"
    said = {name: each.rollback.said[step] for name, each in pushed.items() if each.rollback}
    assert "Terraform state has been successfully unlocked!" in said["lost"]
    assert "The state is not locked." in said["crashing"]


@pytest.mark.parametrize("name", PUSHES)
def test_what_serves_afterwards(pushed: Mapping[str, Pushed], name: str) -> None:
    """The pushed source where it is good, else the last one that was."""
    assert f"this is the source: {PUSHES[name][1]}\n" in pushed[name].log
    assert (pushed[name].answer.status_code, pushed[name].answer.json()) == (200, {"predictions": [0]})


@pytest.mark.parametrize("name", PUSHES)
def test_the_next_plan_is_right(pushed: Mapping[str, Pushed], name: str) -> None:
    """What serves is what Terraform takes for deployed."""
    assert pushed[name].plan == 0


def test_the_first_model_is_published_once(pushed: Mapping[str, Pushed]) -> None:
    """Later pushes find one."""
    step = "Publish a first model"
    assert "Published flight-delay" in pushed["first"].job.said[step]
    for name in ("changed", "mended"):
        assert "has a model" in pushed[name].job.said[step]


def test_credentials_stay_out_of_the_zip(pushed: Mapping[str, Pushed]) -> None:
    """Where they are in the checkout when the source is zipped, as they were for the last plan."""
    checkout = pushed["mended"].job.checkout
    (credentials,) = checkout.glob("gha-creds-*.json")
    with zipfile.ZipFile(checkout / "build" / "function.zip") as archive:
        assert credentials.name not in archive.namelist()
        assert b"private_key" not in b"".join(map(archive.read, archive.namelist()))


def test_the_plan_is_shown(pushed: Mapping[str, Pushed]) -> None:
    """On the page of the run."""
    assert "to add, 0 to change, 0 to destroy" in pushed["first"].job.summary
