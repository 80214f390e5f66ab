"""The deployment's workflow: what its job does on main, push after push, against the local cloud.

The steps are read out of deploy.yml and run in a copy of the repository, with the real Terraform and provider.
"""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.deploy.pushed_repository import CHANGES, GOOD, NO_CREDENTIALS, PROJECT, PUSHES, Pushed, Repository
from tests.local_cloud import LocalCloud


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Pushed]]:
    """All pushes, one after another."""
    with LocalCloud(project=PROJECT) as cloud:
        cloud.storage.buckets.insert(f"{PROJECT}-taxiway-state", {"versioning": {"enabled": True}})
        repository = Repository(cloud, tmp_path_factory.mktemp("pushed"))
        yield {name: repository.push(name) for name in PUSHES}


def test_missing_credentials_are_reported(cloud: LocalCloud, tmp_path: Path) -> None:
    """Neither the variables are set nor the secret: nothing is tried."""
    job = Repository(cloud, tmp_path).job({NO_CREDENTIALS: lambda job: True})
    job.run()
    assert [step for step, outcome in job.outcomes.items() if outcome == "failure"] == ["Check the configuration"]
    assert "GCLOUD_SERVICE_KEY: see docs/github.md." in job.said["Check the configuration"]
    assert set(job.said) == {"Zip the source", "Check the configuration"}
    assert cloud.calls.count() == 0


def outcomes(pushed: Pushed) -> str:
    """Return the outcome and output of each step."""
    return "\n\n".join(f"{name}: {how}\n{pushed.job.said.get(name, '')}" for name, how in pushed.job.outcomes.items())


@pytest.mark.parametrize("name", GOOD)
def test_a_good_source_is_deployed(pushed: Mapping[str, Pushed], name: str) -> None:
    """Every step of the main path does its part; there is no rollback."""
    steps = pushed[name].job.outcomes
    assert [step for step, outcome in steps.items() if outcome != "success"] == [
        "Check the configuration",
        "Roll back to the previous source",
    ], outcomes(pushed[name])


@pytest.mark.parametrize(("name", "step"), [("crashing", "Deploy"), ("silent", "Smoke test")])
def test_a_bad_source_fails_the_job(pushed: Mapping[str, Pushed], name: str, step: str) -> None:
    """At the step that finds it out; then the source before is deployed again."""
    job = pushed[name].job
    assert [step for step, outcome in job.outcomes.items() if outcome == "failure"] == [step], outcomes(pushed[name])
    assert job.outcomes["Roll back to the previous source"] == "success"
    assert "This source failed." in job.summary


@pytest.mark.parametrize("name", PUSHES)
def test_what_serves_afterwards(pushed: Mapping[str, Pushed], name: str) -> None:
    """The pushed source where it is good, else the last one that was."""
    assert f"this is the source: {PUSHES[name][1]}\n" in pushed[name].log
    assert (pushed[name].answer.status_code, pushed[name].answer.json()) == (200, {"predictions": [0]})


@pytest.mark.parametrize("name", PUSHES)
def test_the_next_plan_is_right(pushed: Mapping[str, Pushed], name: str) -> None:
    """What serves is what Terraform takes for deployed; where nobody went back, there is something to do."""
    assert pushed[name].plan == (CHANGES if name == "lost" else 0)


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
