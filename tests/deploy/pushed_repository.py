"""A copy of the repository whose main is deployed, push after push, by the job of deploy.yml."""

import getpass
import hashlib
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.deploy.rehearsal.rehearsal import FASTER, SCHEMA_ONLY
from tests.deploy.terraform_command import NO_PROVIDER, unavailable
from tests.deploy.workflow_job import Condition, Job, Tables
from tests.local_cloud import LocalCloud
from tests.support.checkout import checkout
from tests.support.function_process import ROOT

PROJECT = "rehearsal"
DEPLOYER = f"taxiway-deployer@{PROJECT}.iam.gserviceaccount.com"
FUNCTION = f"projects/{PROJECT}/locations/europe-west1/functions/taxiway"
PROVIDER = "projects/123456789012/locations/global/workloadIdentityPools/taxiway-github/providers/deployer"

PLANNER = f"taxiway-planner@{PROJECT}.iam.gserviceaccount.com"
READY = (
    "github.event_name == 'pull_request' && vars.PLANNER_PROVIDER != ''"
    " || github.event_name != 'pull_request' && vars.DEPLOYER_PROVIDER != ''"
    " || secrets.GCLOUD_SERVICE_KEY != ''"
)
EXPRESSIONS = {
    READY: "true",
    "vars.SERVICE_NAME || 'taxiway'": "taxiway",
    "secrets.GCLOUD_SERVICE_KEY != ''": "false",
    "vars.PLANNER": PLANNER,
    "vars.PLANNER_PROVIDER": PROVIDER.replace("deployer", "planner"),
    "vars.PLANNER_PROVIDER == '' && secrets.GCLOUD_SERVICE_KEY || ''": "",
    "vars.DEPLOYER": DEPLOYER,
    "vars.DEPLOYER_PROVIDER": PROVIDER,
    "vars.DEPLOYER_PROVIDER == '' && secrets.GCLOUD_SERVICE_KEY || ''": "",
}
NO_CREDENTIALS = "vars.DEPLOYER_PROVIDER == '' && env.HAS_KEY != 'true'"
HAS_PREVIOUS = "hashFiles('build/previous.zip') != ''"
CONDITIONS: Mapping[str, Condition] = {
    NO_CREDENTIALS: lambda job: False,
    "env.READY == 'false'": lambda job: job.environment["READY"] == "false",
    HAS_PREVIOUS: lambda job: (job.checkout / "build" / "previous.zip").exists(),
    "always()": lambda job: True,
    "always() && hashFiles('build/load.md') != ''": lambda job: (job.checkout / "build" / "load.md").exists(),
}
ROLLS_BACK = "always() && (needs.deploy.result == 'failure' || needs.deploy.result == 'cancelled')"
"""The condition of the job that rolls back."""


GITHUB_SCRIPT = """
const asked = [];
const note = (what) => async (given) => void asked.push([what, given]);
const issues = { listComments: async () => [], createComment: note("create"), updateComment: note("update") };
const github = { paginate: async (list, given) => list(given), rest: { issues } };
const context = { repo: { owner: "me", repo: "fork" }, issue: { number: 7 } };
const AsyncFunction = (async () => {}).constructor;
const here = (name) => require(`${process.cwd()}/${name}`);
new AsyncFunction("github", "context", "require", process.argv[1])(github, context, here)
  .then(() => console.log(JSON.stringify(asked)));
"""


def authenticate(job: Job, given: Mapping[str, str]) -> Mapping[str, str]:
    """Do what google-github-actions/auth does: write a file with credentials to the checkout, and set the project.

    Terraform gets an access token instead; here an identity token is the address of its account.
    """
    assert bool(given["workload_identity_provider"]) != bool(given["credentials_json"])
    if given.get("create_credentials_file") != "false":
        (job.checkout / "gha-creds-0123456789abcdef.json").write_text('{"private_key": "secret"}')
    job.environment["GOOGLE_CLOUD_PROJECT"] = PROJECT
    if given.get("token_format") != "id_token":
        return {}
    assert given["id_token_audience"].startswith("http")
    return {"id_token": given["service_account"]}


def artifacts(job: Job) -> Path:
    """Return the folder of what the jobs of a run have uploaded."""
    return job.checkout.parent / "artifacts"


def upload(job: Job, given: Mapping[str, str]) -> Mapping[str, str]:
    """Do what actions/upload-artifact does: find the files, and keep them for other jobs of the run."""
    folder = artifacts(job) / given["name"]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    found = [job.checkout / path for path in given["path"].split() if (job.checkout / path).is_file()]
    assert given.get("if-no-files-found") != "error" or len(found) == len(given["path"].split())
    for path in found:
        shutil.copy(path, folder)
    return {}


def download(job: Job, given: Mapping[str, str]) -> Mapping[str, str]:
    """Do what actions/download-artifact does; only a pattern may match nothing."""
    assert "name" in given or given["merge-multiple"] == "True"  # of YAML
    folder = artifacts(job) / given.get("name", given.get("pattern", ""))
    assert "pattern" in given or folder.is_dir()
    if folder.is_dir():
        shutil.copytree(folder, job.checkout / given["path"], dirs_exist_ok=True)
    return {}


def comment(job: Job, given: Mapping[str, str]) -> Mapping[str, str]:
    """Do what actions/github-script does, for a pull request without comments; return what was asked of GitHub."""
    command = ["node", "-e", GITHUB_SCRIPT, given["script"]]
    said = subprocess.run(command, cwd=job.checkout, check=True, capture_output=True, text=True, timeout=60).stdout
    return {"asked": said}


def attest(job: Job, given: Mapping[str, str]) -> Mapping[str, str]:
    """Return what actions/attest-build-provenance would sign: the digest of the subject, and the predicate."""
    digest = hashlib.sha256((job.checkout / given["subject-path"]).read_bytes()).hexdigest()
    predicate = (job.checkout / given["predicate-path"]).read_text("utf-8") if "predicate-path" in given else ""
    return {"subject": digest, "type": given.get("predicate-type", ""), "predicate": predicate}


ACTIONS = {
    "actions/attest-build-provenance": attest,
    "actions/upload-artifact": upload,
    "actions/download-artifact": download,
    "actions/github-script": comment,
    "actions/checkout": lambda job, given: {},  # the copy is one
    "actions/setup-python": lambda job, given: {},  # the one that runs this
    "hashicorp/setup-terraform": lambda job, given: {},  # the one of this machine
    "google-github-actions/auth": authenticate,
}

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

    job: Job
    rollback: Job | None
    """The job that went back, if it ran."""
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
        self.checkout = checkout(folder / "checkout")
        (self.checkout / "terraform" / "faster_override.tf").write_text(FASTER)
        self._main = (self.checkout / "main.py").read_text("utf-8")

    def push(self, name: str) -> Pushed:
        """Change the source and run the jobs; then look at what is there."""
        shutil.rmtree(self.checkout.parent / "artifacts", ignore_errors=True)
        self._write(name)
        job = self.job()
        job.run("Deploy" if name == "lost" else None)
        if name == "first":
            need_provider(job)
        if name == "lost":
            self._lock()
        # A rollback has a runner of its own, with the same commit.
        rollback = self.job(name="rollback") if job.failed else None
        if rollback:
            rollback.run()
        self._write(PUSHES[name][1])
        return Pushed(job, rollback, self._cloud.functions.log(FUNCTION), self._predict(), self._plan(job))

    def _lock(self) -> None:
        """Lock the state as Terraform does, on another machine of the same user."""
        url = f"{self._cloud.url}/upload/storage/v1/b/{PROJECT}-taxiway-state/o"
        lock = {"Who": f"{getpass.getuser()}@runner-that-is-lost", "Operation": "OperationTypeApply"}
        query = {"uploadType": "media", "name": "root/default.tflock"}
        httpx.post(url, params=query, json=lock, trust_env=False).raise_for_status()

    def _write(self, name: str) -> None:
        (self.checkout / "main.py").write_text(self._main + MARK.format(name) + PUSHES[name][0], "utf-8")

    def job(
        self,
        workflow: str = "deploy.yml",
        name: str = "deploy",
        expressions: Mapping[str, str] | None = None,
        conditions: Mapping[str, Condition] | None = None,
    ) -> Job:
        """Return a job as it is about to run, in what a runner begins with; some tables are another's."""
        shutil.rmtree(self.checkout / "build", ignore_errors=True)
        shutil.rmtree(self.checkout / "terraform" / ".terraform", ignore_errors=True)
        plain = {"TF_CLI_ARGS": "-no-color"}
        environment = {**plain, **self._cloud.terraform_environment(), **self._cloud.environment()}
        path = ROOT / ".github" / "workflows" / workflow
        tables = Tables({**EXPRESSIONS, **(expressions or {})}, {**CONDITIONS, **(conditions or {})}, ACTIONS)
        return Job(path, name, self.checkout, environment, tables)

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


def need_provider(job: Job) -> None:
    """Skip a test whose job had no provider that can apply."""
    said = job.said.get("Plan", "")
    if SCHEMA_ONLY in said:
        unavailable("the provider that terraform init finds has the schema alone, and can't apply anything")
    if NO_PROVIDER.search(said) or "terraform: not found" in said or "terraform: command not found" in said:
        unavailable(f"terraform init can't have the provider: {' '.join(said.split())}")
