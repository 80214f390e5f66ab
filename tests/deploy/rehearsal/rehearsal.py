"""Somebody who deploys, with a terminal in a folder where training has written its example of a request."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from function.model.bundle import read_bundle
from model_training.commands.support.bundle_files import example_row
from terraform.zip import ROOT, zipped
from tests.deploy.terraform_command import Unavailable, copy_of_both, initialize, terraform
from tests.local_cloud import LocalCloud
from tests.local_cloud.environment import OWNER

PERSON = OWNER
GITHUB = 'github = { owner_id = "1001", repository_id = "2002" }\n'
EXTRAS = 'extras = ["load_balancer", "bigquery"]\n'
DEPLOYED = f"""\
source_zip  = "function.zip"
environment = {{ MODEL_REFRESH_SECONDS = "1" }}
invokers    = ["user:{PERSON}"]
alerts      = {{ emails = ["oncall@example.com"] }}
"""
VARIABLES = "rehearsal.auto.tfvars"
# Asks Google for several things at once a little sooner; without it everything is the same, but slower.
FASTER = 'provider "google" {\n  batching {\n    enable_batching = true\n    send_after      = "100ms"\n  }\n}\n'
# What a person is known by here is the address itself.
GCLOUD = f'#!/bin/sh\n[ "$*" = "auth print-identity-token" ] && echo {PERSON}\n'
LIMIT = 2**30
SCHEMA_ONLY = "Schema-only provider"


class Rehearsal:
    """A cloud, the two modules, the source that is deployed, and the model that is published."""

    def __init__(self, cloud: LocalCloud, folder: Path, model: Path) -> None:
        """Prepare a folder: both modules with their variables, the source, a stand-in for gcloud."""
        self.cloud = cloud
        self.model = model
        self.root = copy_of_both(folder)
        self.bootstrap = self.root / "bootstrap"
        self.token = OWNER
        """Who runs Terraform."""
        self.tokens = {"owner": OWNER}
        self.outputs: dict[str, Any] = {}
        self.noted: dict[str, Any] = {}
        self._source = folder / "source"
        self._programs = folder / "bin"
        self._terminal = folder / "terminal"
        self._project = f'project = "{cloud.project.id}"\n'
        self.say_to_bootstrap(GITHUB)
        self.say(DEPLOYED)
        for module in (self.bootstrap, self.root):
            (module / "rehearsal_override.tf").write_text(FASTER)
        self._programs.mkdir()
        self._terminal.mkdir()
        request = {"instances": [example_row(read_bundle(model.read_bytes(), LIMIT).manifest)]}
        (self._terminal / "build").mkdir()
        (self._terminal / "build" / "model.request.json").write_text(json.dumps(request))
        (self._programs / "gcloud").write_text(GCLOUD)
        (self._programs / "gcloud").chmod(0o755)
        self._source.mkdir()
        for name in ("main.py", "requirements.txt"):
            shutil.copy(ROOT / name, self._source)
        shutil.copytree(ROOT / "function", self._source / "function")
        self.write_zip()

    def say(self, variables: str) -> None:
        """Give the root module other variables."""
        (self.root / VARIABLES).write_text(self._project + variables)

    def say_to_bootstrap(self, variables: str) -> None:
        """Give bootstrap other variables."""
        (self.bootstrap / VARIABLES).write_text(self._project + variables)

    def act_as(self, who: str) -> None:
        """Run Terraform as somebody who has authenticated."""
        self.token = self.tokens[who]

    def write_zip(self, more: str = "") -> None:
        """Write what `make zip` would, with more lines at the end of main.py."""
        text = (ROOT / "main.py").read_text("utf-8")
        (self._source / "main.py").write_text(text + more, "utf-8")
        (self.root / "function.zip").write_bytes(zipped(self._source))

    def initialize(self, module: Path, *words: str) -> None:
        """Run `terraform init`."""
        initialize(module, *words, variables=self.cloud.terraform_environment(self.token))

    def try_terraform(self, module: Path, *words: str) -> tuple[int, str]:
        """Run Terraform; return its exit code and all that it said."""
        seen = terraform(module, *words, variables=self.cloud.terraform_environment(self.token))
        if SCHEMA_ONLY in seen.stdout:
            raise Unavailable("the provider that terraform init finds has the schema alone, and can't apply anything")
        return seen.returncode, seen.stdout

    def terraform(self, module: Path, *words: str) -> str:
        """Run Terraform, which must succeed; return all that it said."""
        code, said = self.try_terraform(module, *words)
        assert code == 0, said
        return said

    def apply(self, module: Path, *words: str) -> str:
        """Apply a module and remember its outputs; return what Terraform counted."""
        said = self.terraform(module, "apply", "-auto-approve", *words)
        self.outputs = {
            name: output["value"] for name, output in json.loads(self.terraform(module, "output", "-json")).items()
        }
        return _counted(said)

    def destroy(self, module: Path) -> str:
        """Destroy what a module has made; return what Terraform counted."""
        return _counted(self.terraform(module, "destroy", "-auto-approve"))

    def plan_again(self, module: Path) -> str:
        """Plan a module, which must find nothing to do."""
        code, said = self.try_terraform(module, "plan", "-detailed-exitcode")
        assert code == 0, said
        return "nothing to do"

    def shell(self, line: str, *, caller: str = OWNER, **variables: str) -> str:
        """Run a command that the documentation or an output gives, as somebody; it must succeed."""
        path = f"{self._programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        ours = {"PATH": path, "PYTHONPATH": str(ROOT)}
        environment = {**os.environ, **self.cloud.environment(caller), **ours, **variables}
        seen = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", line],
            cwd=self._terminal,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert seen.returncode == 0, f"{line}\n{seen.stdout}{seen.stderr}"
        return seen.stdout

    @property
    def clouds(self) -> tuple[LocalCloud, ...]:
        """All that it calls."""
        return (self.cloud,)

    @property
    def state_bucket(self) -> str:
        """The bucket that bootstrap makes for the state of the root module."""
        return f"{self.cloud.project.id}-taxiway-state"

    @property
    def url(self) -> str:
        """Where the function answers, in its first region."""
        return str(next(iter(self.outputs["urls"].values())))

    def call(self, verb: str, path: str, *, token: str = OWNER) -> httpx.Response:
        """Call an API of the cloud, as the project's owner unless another token is given; none where it is empty."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.request(verb, f"{self.cloud.url}{path}", headers=headers, timeout=60, trust_env=False)

    def get(self, path: str) -> dict[str, Any]:
        """Get a resource, as the owner of the project."""
        found: dict[str, Any] = self.call("GET", path).raise_for_status().json()
        return found

    def ask(self, path: str, *, token: str = PERSON) -> httpx.Response:
        """Get a path of the function, as the person unless another token is given; none where it is empty."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.get(f"{self.url}{path}", headers=headers, timeout=60, trust_env=False)


def _counted(said: str) -> str:
    """Find `25 added, 0 changed, 0 destroyed` in what Terraform said."""
    found = re.search(r"(?:Apply|Destroy) complete! Resources: (.*)\.", said)
    assert found, said
    return found[1]
