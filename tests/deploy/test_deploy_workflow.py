"""The deployment's workflow: what its jobs do on main, push after push, against the local cloud.

The steps are read out of deploy.yml and run in a copy of the repository, with the real Terraform and provider.
"""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.deploy.pushed_repository import GOOD, PROJECT, PUSHES, READY, ROLLS_BACK, Pushed, Repository
from tests.local_cloud import LocalCloud
from tests.support.workflows import WORKFLOWS, document

(WORKFLOW,) = [path for path in WORKFLOWS if path.name == "deploy.yml"]
JOBS = document(WORKFLOW)["jobs"]


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Pushed]]:
    """All pushes, one after another."""
    with LocalCloud(project=PROJECT) as cloud:
        cloud.storage.buckets.insert(f"{PROJECT}-taxiway-state", {"versioning": {"enabled": True}})
        repository = Repository(cloud, tmp_path_factory.mktemp("pushed"))
        yield {name: repository.push(name) for name in PUSHES}


@pytest.mark.parametrize("ready", ["true", "false"])
def test_a_fork_without_credentials_deploys_nothing(tmp_path: Path, cloud: LocalCloud, ready: str) -> None:
    """It gets a notice, and its run stays green."""
    job = Repository(cloud, tmp_path).job(name="configured", expressions={READY: ready})
    job.run()
    assert not job.failed
    assert job.outputs["credentials"] == {"ready": ready}
    notice = job.said.get("Say that nothing is deployed", "")
    assert notice.startswith("::notice title=Not deployed::") == (ready == "false")
    for name in ("plan", "deploy"):
        assert "needs.configured.outputs.ready == 'true'" in JOBS[name]["if"]


def test_ci_comes_first() -> None:
    """Of the same commit; without it only by hand."""
    assert JOBS["ci"]["uses"] == "./.github/workflows/ci.yml"
    assert JOBS["ci"]["if"].endswith("&& !inputs.skip_ci")
    assert JOBS["deploy"]["needs"] == ["configured", "ci"]
    assert JOBS["deploy"]["if"].startswith("!failure() && !cancelled()")
    assert "workflow_call" in document(WORKFLOW.with_name("ci.yml"))["on"]


def test_a_deployment_that_is_cut_off_is_rolled_back() -> None:
    """By a job of its own, which a cancelled run still starts."""
    assert (JOBS["rollback"]["needs"], JOBS["rollback"]["if"]) == ("deploy", ROLLS_BACK)
    assert "environment" not in JOBS["rollback"]


def test_a_waiting_training_is_not_cancelled_by_a_deployment() -> None:
    """They wait in different queues."""
    groups = [document(WORKFLOW.with_name(name))["concurrency"]["group"] for name in ("deploy.yml", "model.yml")]
    assert groups[1] == "model"
    assert "'deployment'" in groups[0]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_source_is_deployed(pushed: Mapping[str, Pushed], name: str) -> None:
    """Every step of the main path does its part; there is no rollback."""
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
    """They are in the checkout when the source is zipped for a rollback."""
    checkout = pushed["mended"].job.checkout
    (credentials,) = checkout.glob("gha-creds-*.json")
    with zipfile.ZipFile(checkout / "build" / "function.zip") as archive:
        assert credentials.name not in archive.namelist()
        assert b"private_key" not in b"".join(map(archive.read, archive.namelist()))


def test_the_plan_is_shown(pushed: Mapping[str, Pushed]) -> None:
    """On the page of the run."""
    assert "to add, 0 to change, 0 to destroy" in pushed["first"].job.summary
