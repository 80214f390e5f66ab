"""What stands for the actions that the workflows use, but for those that need a cloud."""

import hashlib
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.deploy.workflows.job import Actions, Job

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


def artifacts(job: Job) -> Path:
    """Return the folder of what the jobs of a run have uploaded."""
    return job.checkout.parent / "artifacts"


def upload(job: Job, given: Mapping[str, str]) -> Mapping[str, str]:
    """Do what actions/upload-artifact does: find the files, and keep them for other jobs of the run.

    A job that is run again belongs to the same run, which has its artifact already.
    """
    folder = artifacts(job) / given["name"]
    assert given["overwrite"] == "true"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    found = [job.checkout / path for path in given["path"].split() if (job.checkout / path).is_file()]
    assert given.get("if-no-files-found") != "error" or len(found) == len(given["path"].split())
    for path in found:
        shutil.copy(path, folder)
    return {}


def download(job: Job, given: Mapping[str, str]) -> Mapping[str, str]:
    """Do what actions/download-artifact does; only a pattern may match nothing."""
    assert "name" in given or given["merge-multiple"] == "true"
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


ACTIONS: Actions = {
    "actions/attest-build-provenance": attest,
    "actions/upload-artifact": upload,
    "actions/download-artifact": download,
    "actions/github-script": comment,
    "actions/checkout": lambda job, given: {},  # the copy is one
    "actions/setup-python": lambda job, given: {},  # the one that runs this
    "hashicorp/setup-terraform": lambda job, given: {},  # the one of this machine
}
