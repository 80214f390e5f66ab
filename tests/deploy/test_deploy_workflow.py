"""The deployment's workflow: what its job does on main, push after push, against the local cloud.

The steps are read out of deploy.yml and run in a copy of the repository, with the real Terraform and provider.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.deploy.rehearsal.rehearsal import FASTER, SCHEMA_ONLY
from tests.deploy.terraform_command import NO_PROVIDER, unavailable
from tests.deploy.workflow_job import Job, Tables
from tests.function_process import ROOT
from tests.local_cloud import LocalCloud

PROJECT = "rehearsal"
DEPLOYER = f"taxiway-deployer@{PROJECT}.iam.gserviceaccount.com"
FUNCTION = f"projects/{PROJECT}/locations/europe-west1/functions/taxiway"
PROVIDER = "projects/123456789012/locations/global/workloadIdentityPools/taxiway-github/providers/deployer"

EXPRESSIONS = {
    "vars.SERVICE_NAME || 'taxiway'": "taxiway",
    "secrets.GCLOUD_SERVICE_KEY != ''": "false",
    "vars.DEPLOYER": DEPLOYER,
    "vars.DEPLOYER_PROVIDER": PROVIDER,
    "vars.DEPLOYER_PROVIDER == '' && secrets.GCLOUD_SERVICE_KEY || ''": "",
}
GOES_BACK = "failure() && hashFiles('build/previous.zip') != ''"
CONDITIONS = {
    "vars.DEPLOYER_PROVIDER == '' && env.HAS_KEY != 'true'": lambda job: False,
    GOES_BACK: lambda job: job.failed and (job.checkout / "build" / "previous.zip").exists(),
}


def get_in(job: Job, given: Mapping[str, str]) -> Mapping[str, str]:
    """Do what google-github-actions/auth does: leave a file with credentials lying about, and name the project.

    Terraform gets an access token instead; here an identity token is the address of whom it names.
    """
    assert bool(given["workload_identity_provider"]) != bool(given["credentials_json"])
    if given.get("create_credentials_file") != "false":
        (job.checkout / "gha-creds-0123456789abcdef.json").write_text('{"private_key": "secret"}')
    job.environment["GOOGLE_CLOUD_PROJECT"] = PROJECT
    if given.get("token_format") != "id_token":
        return {}
    assert given["id_token_audience"].startswith("http")
    return {"id_token": given["service_account"]}


ACTIONS = {
    "actions/checkout": lambda job, given: {},  # the copy is one
    "actions/setup-python": lambda job, given: {},  # the one that runs this
    "hashicorp/setup-terraform": lambda job, given: {},  # the one of this machine
    "google-github-actions/auth": get_in,
}

CHANGES = 2
"""What `terraform plan -detailed-exitcode` ends with where there are some."""
MARK = '\nprint("this is the source: {}", flush=True)\n'
BROKEN = '\nraise RuntimeError("this source is broken")\n'
SILENT = """
import functions_framework

@functions_framework.http
def predict(request):
    return "out of order", 500
"""
# What is pushed to main, one after another, and the name of what must serve afterwards. The runner of the third is lost
# before it can go back.
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

    job: Job
    log: str
    """Of the revision that serves afterwards."""
    answer: httpx.Response
    """To a prediction asked for afterwards."""
    plan: int
    """The exit code of `terraform plan -detailed-exitcode` with the source that serves; 0: there is nothing to do."""


class Repository:
    """A copy of this one, whose main is deployed to a cloud."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        """Copy what git would have; take this Python environment along."""
        self._cloud = cloud
        self.checkout = folder / "checkout"
        left_out = shutil.ignore_patterns(
            ".git", ".venv", "build", "node_modules", ".terraform*", "*.tfstate*", "*.tfvars", "__pycache__", ".*_cache"
        )
        shutil.copytree(ROOT, self.checkout, ignore=left_out)
        assert (Path(sys.prefix) / "installed").exists(), "the environment is not of `make .venv`"
        (self.checkout / "terraform" / "faster_override.tf").write_text(FASTER)
        (self.checkout / ".venv").symlink_to(sys.prefix)
        os.utime(self.checkout / "requirements-dev.txt", (0, 0))  # else make would install into it
        self._main = (self.checkout / "main.py").read_text("utf-8")

    def push(self, name: str) -> Pushed:
        """Change the source and run the job; then look at what is there."""
        self._write(name)
        job = self._job(lost=name == "lost")
        job.run()
        if name == "first":
            _need_provider(job)
        self._write(PUSHES[name][1])
        return Pushed(job, self._cloud.functions.log(FUNCTION), self._predict(), self._plan(job))

    def _write(self, name: str) -> None:
        (self.checkout / "main.py").write_text(self._main + MARK.format(name) + PUSHES[name][0], "utf-8")

    def _job(self, *, lost: bool) -> Job:
        # A runner begins with what is in the repository, and nothing else.
        shutil.rmtree(self.checkout / "build", ignore_errors=True)
        shutil.rmtree(self.checkout / "terraform" / ".terraform", ignore_errors=True)
        plain = {"TF_CLI_ARGS": "-no-color"}
        environment = {**plain, **self._cloud.terraform_environment(), **self._cloud.environment()}
        workflow = ROOT / ".github" / "workflows" / "deploy.yml"
        conditions = {**CONDITIONS, GOES_BACK: lambda job: False} if lost else CONDITIONS
        return Job(workflow, "deploy", self.checkout, environment, Tables(EXPRESSIONS, conditions, ACTIONS))

    def _predict(self) -> httpx.Response:
        shown = httpx.get(f"{self._cloud.url}/cloudfunctions/v2/{FUNCTION}", trust_env=False).json()
        flight = {"carrier": "UA", "month": 7, "origin": "EWR", "period": "evening"}
        return httpx.post(
            f"{shown['serviceConfig']['uri']}/predict",
            json={"instances": [flight]},
            headers={"Authorization": f"Bearer {DEPLOYER}"},
            timeout=60,
            trust_env=False,
        )

    def _plan(self, job: Job) -> int:
        line = "make zip && make plan"
        environment = {**job.environment, "TF_CLI_ARGS_plan": "-detailed-exitcode"}
        done = subprocess.run(
            ["bash", "-c", line], cwd=self.checkout, env=environment, capture_output=True, check=False
        )
        # make says 2 of any failure, and what the command said in its last line.
        return 0 if done.returncode == 0 else int(done.stderr.decode().rpartition("Error ")[2].split()[0])


def _need_provider(job: Job) -> None:
    said = job.said.get("Plan", "")
    if SCHEMA_ONLY in said:
        unavailable("the provider that terraform init finds has the schema alone, and can't apply anything")
    if NO_PROVIDER.search(said) or "terraform: not found" in said or "terraform: command not found" in said:
        unavailable(f"terraform init can't have the provider: {' '.join(said.split())}")


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Pushed]]:
    """All pushes, one after another."""
    with LocalCloud(project=PROJECT) as cloud:
        cloud.storage.buckets.insert(f"{PROJECT}-taxiway-state", {"versioning": {"enabled": True}})
        repository = Repository(cloud, tmp_path_factory.mktemp("pushed"))
        yield {name: repository.push(name) for name in PUSHES}


def outcomes(pushed: Pushed) -> str:
    """Say what each step did and printed."""
    return "\n\n".join(f"{name}: {how}\n{pushed.job.said.get(name, '')}" for name, how in pushed.job.outcomes.items())


@pytest.mark.parametrize("name", GOOD)
def test_a_good_source_is_deployed(pushed: Mapping[str, Pushed], name: str) -> None:
    """Every step of the main path does its part; there is nothing to go back for."""
    steps = pushed[name].job.outcomes
    assert [step for step, outcome in steps.items() if outcome != "success"] == [
        "Say what is missing",
        "Go back to the source before",
    ], outcomes(pushed[name])


@pytest.mark.parametrize(("name", "step"), [("crashing", "Deploy"), ("silent", "Try it")])
def test_a_bad_source_fails_the_job(pushed: Mapping[str, Pushed], name: str, step: str) -> None:
    """At the step that finds it out; then the source before is deployed again."""
    job = pushed[name].job
    assert [step for step, outcome in job.outcomes.items() if outcome == "failure"] == [step], outcomes(pushed[name])
    assert job.outcomes["Go back to the source before"] == "success"
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
    """They lie about in the checkout when the source is zipped once more."""
    checkout = pushed["mended"].job.checkout
    (credentials,) = checkout.glob("gha-creds-*.json")
    with zipfile.ZipFile(checkout / "build" / "function.zip") as archive:
        assert credentials.name not in archive.namelist()
        assert b"private_key" not in b"".join(map(archive.read, archive.namelist()))


def test_the_plan_is_shown(pushed: Mapping[str, Pushed]) -> None:
    """On the page of the run."""
    assert "to add, 0 to change, 0 to destroy" in pushed["first"].job.summary
