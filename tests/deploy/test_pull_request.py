"""A pull request: its plan, by an account that may only read, and the comment with it.

The steps are read out of deploy.yml and run in fresh clones, with the real Terraform and provider.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.deploy.workflows.actions import artifacts
from tests.deploy.workflows.job import Job
from tests.deploy.workflows.repository import PROJECT, Repository, bootstrapped, need_provider
from tests.local_cloud import LocalCloud
from tests.support.programs import need
from tests.support.workflows import WORKFLOWS, document

STATE = {"version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "a", "outputs": {}, "resources": []}
LABEL = "actions/upload-artifact"
SETTINGS = "terraform/settings.auto.tfvars"


@dataclass
class Planned:
    """What the jobs of a pull request have done, one after another."""

    plan: Job
    comment: Job | None


class PullRequests:
    """A project that bootstrap has prepared, and pull requests to its repository."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        """Nothing is deployed."""
        self.cloud, self._folder = cloud, folder

    def open(self, name: str, settings: str) -> Planned:
        """Plan what changes in the settings; comment if that succeeds."""
        plan = self._job(f"{name}-plan", "plan", settings)
        plan.run()
        need_provider(plan)
        if plan.failed:
            return Planned(plan, None)
        comment = self._job(f"{name}-comment", "comment", settings)
        artifacts(plan).rename(artifacts(comment))
        comment.run()
        return Planned(plan, comment)

    def _job(self, folder: str, name: str, settings: str) -> Job:
        repository = Repository(self._folder / folder, self.cloud)
        (repository.checkout / SETTINGS).write_text(settings)
        return repository.job("deploy.yml", name)


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PullRequests]:
    """A project in which nothing is deployed any more; before the first deployment Terraform would create the state."""
    need("node")
    with LocalCloud(project=PROJECT) as cloud:
        bootstrapped(cloud)
        url = f"{cloud.url}/upload/storage/v1/b/{PROJECT}-taxiway-state/o?uploadType=media&name=root/default.tfstate"
        httpx.post(url, json=STATE, trust_env=False).raise_for_status()
        cloud.calls.clear()
        yield PullRequests(cloud, tmp_path_factory.mktemp("requests"))


@pytest.fixture(scope="module")
def good(requests: PullRequests) -> Planned:
    """A pull request whose settings are right."""
    return requests.open("good", 'alerts = { emails = ["oncall@example.com"] }\n')


@pytest.fixture(scope="module")
def wrong(requests: PullRequests) -> Planned:
    """A pull request with a setting that Terraform refuses."""
    return requests.open("wrong", "latency_goal = 95\n")


def test_the_plan_is_a_comment(good: Planned) -> None:
    """With what it comes to in the first line."""
    assert set(good.plan.outcomes.values()) == {"success"}, good.plan.report
    assert good.comment
    assert set(good.comment.outcomes.values()) == {"success"}
    ((what, given),) = json.loads(good.comment.outputs["Create or update the comment"]["asked"])
    assert (what, given["owner"], given["repo"], given["issue_number"]) == ("create", "me", "fork", 7)
    assert "to add, 0 to change, 0 to destroy." in given["body"].splitlines()[1]
    assert "google_cloudfunctions2_function.predict" in given["body"]


def test_a_wrong_setting_fails_the_plan(wrong: Planned) -> None:
    """At its step, with Terraform's sentence; there is nothing to comment."""
    failed = [step for step, outcome in wrong.plan.outcomes.items() if outcome == "failure"]
    assert failed == ["Plan"], wrong.plan.report
    assert "a goal of 1 or more leaves no error budget" in wrong.plan.said["Plan"]
    assert wrong.plan.outcomes[LABEL] == "skipped"
    assert document(next(path for path in WORKFLOWS if path.name == "deploy.yml"))["jobs"]["comment"]["needs"] == "plan"


def test_a_plan_writes_nothing(requests: PullRequests, good: Planned, wrong: Planned) -> None:
    """No resource, and not even a lock of the state."""
    writes = [call for call in requests.cloud.calls if call.method not in ("GET", "CONNECT")]
    assert [f"{call.method} {call.url}" for call in writes] == []
