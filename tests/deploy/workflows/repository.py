"""A copy of the repository whose main is deployed, by the jobs of deploy.yml."""

import getpass
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.deploy.rehearsal.rehearsal import FASTER, SCHEMA_ONLY
from tests.deploy.terraform_command import NO_PROVIDER, unavailable
from tests.deploy.workflows.actions import ACTIONS
from tests.deploy.workflows.expressions import Contexts
from tests.deploy.workflows.job import Job
from tests.deploy.workflows.run import Run
from tests.local_cloud import LocalCloud
from tests.support.checkout import checkout
from tests.support.function_process import ROOT

WORKFLOWS = ROOT / ".github" / "workflows"
PROJECT = "rehearsal"
STAGING = "rehearsal-staging"
POOL = "projects/123456789012/locations/global/workloadIdentityPools/taxiway-github"
DEPLOYER = f"taxiway-deployer@{PROJECT}.iam.gserviceaccount.com"
FUNCTION = "projects/{}/locations/europe-west1/functions/taxiway"
VARIABLES = {
    "DEPLOYER": DEPLOYER,
    "DEPLOYER_PROVIDER": f"{POOL}/providers/deployer",
    "PLANNER": f"taxiway-planner@{PROJECT}.iam.gserviceaccount.com",
    "PLANNER_PROVIDER": f"{POOL}/providers/planner",
}
STAGING_VARIABLES = {
    "STAGING_DEPLOYER": f"taxiway-deployer@{STAGING}.iam.gserviceaccount.com",
    "STAGING_DEPLOYER_PROVIDER": f"{POOL}/providers/deployer",
}
PUSH = {
    "event_name": "push",
    "ref": "refs/heads/main",
    "repository": "me/fork",
    "event": {"repository": {"private": False}},
}
CONTEXTS: Mapping[str, Any] = {"github": PUSH, "vars": VARIABLES, "secrets": {}, "inputs": {}}
"""What GitHub knows of a push to main."""
PASSED = {"ci": "success", "attest": "success"}
"""The results of jobs that other tests are about."""


class Repository:
    """A copy of this one, whose main is deployed to clouds, each of which is a project."""

    def __init__(self, folder: Path, *clouds: LocalCloud) -> None:
        """Copy what git would have; take this Python environment along."""
        self._clouds = {cloud.project.id: cloud for cloud in clouds}
        self.checkout = checkout(folder / "checkout")
        (self.checkout / "terraform" / "faster_override.tf").write_text(FASTER)
        self._main = (self.checkout / "main.py").read_text("utf-8")

    def write(self, more: str) -> None:
        """Change the source: more lines at the end of main.py."""
        (self.checkout / "main.py").write_text(self._main + more, "utf-8")

    def deploy(
        self,
        *,
        lost: str = "",
        after: Mapping[str, Callable[[], None]] | None = None,
        given: Mapping[str, str] | None = None,
        outputs: Mapping[str, Mapping[str, str]] | None = None,
        **contexts: Any,
    ) -> Run:
        """Run deploy.yml; do something after some jobs, by their names as in `staging/deploy`.

        The job `lost` loses its runner after Terraform, and leaves the state locked. `given` are results of jobs that
        do not run, `outputs` theirs, `contexts` other ones than those of a push.
        """
        shutil.rmtree(self.checkout.parent / "artifacts", ignore_errors=True)

        def start(workflow: Path, name: str, state: Contexts) -> Job:
            job = self.job(workflow.name, name, **state)
            label = "/".join([*state["inputs"].get("environment", "").split(), name])
            job.run("Deploy" if label == lost else None)
            if label == lost:
                self._lock(job.environment["GOOGLE_CLOUD_PROJECT"])
            (after or {}).get(label, lambda: None)()
            return job

        run = Run(start, {**PASSED, **(given or {})}, outputs or {})
        run.run(WORKFLOWS / "deploy.yml", {**CONTEXTS, **contexts})
        return run

    def job(self, workflow: str, name: str, **contexts: Any) -> Job:
        """Return a job as it is about to run, in what a runner begins with; some contexts are another's."""
        shutil.rmtree(self.checkout / "build", ignore_errors=True)
        shutil.rmtree(self.checkout / "terraform" / ".terraform", ignore_errors=True)
        for credentials in self.checkout.glob("gha-creds-*.json"):
            credentials.unlink()
        actions = {**ACTIONS, "google-github-actions/auth": self._authenticate}
        environment = {"TF_CLI_ARGS": "-no-color"}
        return Job(WORKFLOWS / workflow, name, self.checkout, environment, {**CONTEXTS, **contexts}, actions)

    def service(self, project: str = PROJECT) -> dict[str, Any]:
        """Return what the deployed function is configured with."""
        function = f"{self._clouds[project].url}/cloudfunctions/v2/{FUNCTION.format(project)}"
        config: dict[str, Any] = httpx.get(function, trust_env=False).json()["serviceConfig"]
        return config

    def predict(self, project: str = PROJECT) -> httpx.Response:
        """Ask the deployed function for a prediction."""
        flight = {"carrier": "UA", "month": 7, "origin": "EWR", "period": "evening"}
        return httpx.post(
            f"{self.service(project)['uri']}/predict",
            json={"instances": [flight]},
            headers={"Authorization": f"Bearer {DEPLOYER.replace(PROJECT, project)}"},
            timeout=60,
            trust_env=False,
        )

    def log(self, project: str = PROJECT) -> str:
        """Return what the revision that serves has logged."""
        return self._clouds[project].functions.log(FUNCTION.format(project))

    def plan(self, job: Job) -> int:
        """Plan the source that is written; return the exit code of `terraform plan -detailed-exitcode`."""
        line = "make zip && make plan"
        environment = {**job.environment, "TF_CLI_ARGS_plan": "-detailed-exitcode"}
        done = subprocess.run(
            ["bash", "-c", line], cwd=self.checkout, env=environment, capture_output=True, check=False
        )
        # make says 2 of any failure, and what the command said in its last line.
        return 0 if done.returncode == 0 else int(done.stderr.decode().rpartition("Error ")[2].split()[0])

    def _authenticate(self, job: Job, given: Mapping[str, str]) -> Mapping[str, str]:
        """Do what google-github-actions/auth does: write a file with credentials to the checkout, and set the project.

        Programs reach the project's cloud from then on; here an identity token is the address of its account.
        """
        assert bool(given["workload_identity_provider"]) != bool(given["credentials_json"])
        if given.get("create_credentials_file") != "false":
            (job.checkout / "gha-creds-0123456789abcdef.json").write_text('{"private_key": "secret"}')
        project = given["service_account"].partition("@")[2].partition(".")[0]
        cloud = self._clouds[project]
        job.environment |= {**cloud.terraform_environment(), **cloud.environment(), "GOOGLE_CLOUD_PROJECT": project}
        if given.get("token_format") != "id_token":
            return {}
        assert given["id_token_audience"].startswith("http")
        return {"id_token": given["service_account"]}

    def _lock(self, project: str) -> None:
        """Lock the state as Terraform does, on another machine of the same user."""
        url = f"{self._clouds[project].url}/upload/storage/v1/b/{project}-taxiway-state/o"
        lock = {"Who": f"{getpass.getuser()}@runner-that-is-lost", "Operation": "OperationTypeApply"}
        query = {"uploadType": "media", "name": "root/default.tflock"}
        httpx.post(url, params=query, json=lock, trust_env=False).raise_for_status()


def bootstrapped(cloud: LocalCloud) -> None:
    """Prepare a cloud as far as jobs need it: the bucket of the state, and the role by which they call functions."""
    cloud.storage.buckets.insert(f"{cloud.project.id}-taxiway-state", {"versioning": {"enabled": True}})
    deployer = f"serviceAccount:{DEPLOYER.replace(PROJECT, cloud.project.id)}"
    policy = {"bindings": [{"role": "roles/run.admin", "members": [deployer]}]}
    cloud.policies.replace(cloud.project.full_name, policy)


def need_provider(job: Job) -> None:
    """Skip a test whose job had no provider that can apply."""
    said = job.said.get("Plan", "")
    if SCHEMA_ONLY in said:
        unavailable("the provider that terraform init finds has the schema alone, and can't apply anything")
    if NO_PROVIDER.search(said) or "terraform: not found" in said or "terraform: command not found" in said:
        unavailable(f"terraform init can't have the provider: {' '.join(said.split())}")
