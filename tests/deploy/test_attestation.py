"""What the job attests of deploy.yml signs, read out of the workflow and run in a clone without any credentials."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from terraform.zip import zipped
from tests.deploy.workflows.job import Job
from tests.deploy.workflows.repository import PUSH, Repository
from tests.local_cloud import LocalCloud
from tests.support.function_process import ROOT

LOCKED = re.compile(r"^([\w.-]+)==([\w.]+)", re.MULTILINE)


GIVEN = {"attest": "", "production": "success"}
"""Of the jobs, this one is run, and production not deployed."""


@pytest.fixture
def job(cloud: LocalCloud, tmp_path: Path) -> Job:
    """The job, which has run after the one that builds the zip."""
    job = Repository(tmp_path, cloud).deploy(given=GIVEN).jobs["attest"]
    assert set(job.outcomes.values()) == {"success"}, job.report
    return job


@pytest.mark.parametrize(("variables", "result"), [({}, "skipped"), ({"ATTEST": "true"}, "success")])
def test_a_private_repository_attests_if_it_can(
    cloud: LocalCloud, tmp_path: Path, variables: dict[str, str], result: str
) -> None:
    """GitHub's plan decides, which the variable states."""
    private = {**PUSH, "event": {"repository": {"private": True}}}
    given = {"attest": "success", "production": "success"}
    run = Repository(tmp_path, cloud).deploy(given=given, github=private, vars={"DEPLOYER_PROVIDER": "p", **variables})
    assert run.results["attest"] == result


def test_the_zip_and_its_libraries_are_attested(job: Job, cloud: LocalCloud) -> None:
    """The zip has the bytes of every other one of this commit; its libraries are the locked ones."""
    provenance, libraries = job.outputs["Attest where it comes from"], job.outputs["Attest its libraries"]
    deployed = hashlib.sha256(zipped(ROOT)).hexdigest()
    assert provenance["subject"] == libraries["subject"] == deployed
    assert (provenance["type"], libraries["type"]) == ("", "https://cyclonedx.org/bom")
    document = json.loads(libraries["predicate"])
    assert document["bomFormat"] == "CycloneDX"
    listed = {(each["name"], each["version"]) for each in document["components"]}
    assert listed == set(LOCKED.findall((ROOT / "requirements.txt").read_text()))
    assert cloud.calls.count() == 0
