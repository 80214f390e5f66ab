"""A fork with its own taxiway.toml: deployed by deploy.yml, trained again by model.yml, load-tested by load.yml.

The steps are read out of the workflows and run in clones, with the real Terraform and provider against the local cloud.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from tests.deploy.workflows.actions import artifacts
from tests.deploy.workflows.job import Job
from tests.deploy.workflows.repository import DEPLOYER, FUNCTION, PROJECT, Repository, bootstrapped, need_provider
from tests.local_cloud import LocalCloud
from tests.support.function_process import ROOT
from tests.support.programs import need

TO = f"gs://{PROJECT}-taxiway-models/models/parcels"
INIT = f'.venv/bin/taxiway init --data docs/parcels.csv --target late --kind fragile=drop --to "{TO}"'
SETTINGS = 'environment = { MODEL_REFRESH_SECONDS = "1" }\n'
GCLOUD = f'#!/bin/sh\n[ "$*" = "auth print-identity-token" ] && echo {DEPLOYER}\n'
PREDICT = 'eval "$(terraform -chdir=terraform output -raw predict)"'
"""As docs/deploy.md shows it."""
PARTS = f"gs://{PROJECT}-data/parcels-*.csv"


@dataclass
class Run:
    """What a workflow has done, and what the function serves afterwards."""

    job: Job
    model: dict[str, Any]


class Fork:
    """A fork, of which each run of a workflow clones its main."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        """Say in the first clone what the fork predicts, as a person does."""
        self.cloud, self._folder, self._config = cloud, folder, ""
        self.other = folder / "other.csv"
        first = self._clone("written")
        environment = {name: value for name, value in os.environ.items() if name != "TAXIWAY_CONFIG"}
        subprocess.run(["bash", "-ec", INIT], cwd=first.checkout, env=environment, check=True)
        self._config = (first.checkout / "taxiway.toml").read_text("utf-8")

    def deploy(self) -> Run:
        """Push to main."""
        job = self._clone("deployed").deploy().jobs["production/deploy"]
        need_provider(job)
        return Run(job, self.model())

    def train(self, name: str, **inputs: str | bool) -> Run:
        """Dispatch model.yml."""
        job = self._clone(name).job("model.yml", "publish", inputs=inputs)
        job.run()
        return Run(job, self.model())

    def load(self) -> Job:
        """Dispatch load.yml, for as short as it can be."""
        job = self._clone("loaded").job("load.yml", "load", inputs={"seconds": "1"})
        job.run()
        return job

    def model(self) -> dict[str, Any]:
        """Return what the function says of its model."""
        shown = httpx.get(f"{self.cloud.url}/cloudfunctions/v2/{FUNCTION.format(PROJECT)}", trust_env=False).json()
        if "serviceConfig" not in shown:
            return {}
        headers = {"Authorization": f"Bearer {DEPLOYER}"}
        url = f"{shown['serviceConfig']['uri']}/model"
        model: dict[str, Any] = httpx.get(url, headers=headers, timeout=60, trust_env=False).json()
        return model

    def _clone(self, name: str) -> Repository:
        repository = Repository(self._folder / name, self.cloud)
        (repository.checkout / "terraform" / "settings.auto.tfvars").write_text(SETTINGS)
        if self._config:
            (repository.checkout / "taxiway.toml").write_text(self._config, "utf-8")
        return repository


@pytest.fixture(scope="module")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fork]:
    """A fork, and a bucket with the newest data in two parts."""
    with LocalCloud(project=PROJECT) as cloud:
        bootstrapped(cloud)
        cloud.storage.buckets.insert(f"{PROJECT}-data", {})
        newest = pd.read_csv(ROOT / "docs" / "parcels.csv").sample(900, random_state=1)
        for number, rows in enumerate((newest[:400], newest[400:]), 1):
            url = f"{cloud.url}/upload/storage/v1/b/{PROJECT}-data/o?uploadType=media&name=parcels-{number}.csv"
            httpx.post(url, content=rows.to_csv(index=False), trust_env=False).raise_for_status()
        yield Fork(cloud, tmp_path_factory.mktemp("fork"))


@pytest.fixture(scope="module")
def deployed(fork: Fork) -> Run:
    """The first push."""
    return fork.deploy()


def test_the_fork_s_model_is_deployed(deployed: Run) -> None:
    """Trained on its table, published where its file says, and served."""
    assert [name for name, outcome in deployed.job.outcomes.items() if outcome != "success"] == [
        "Keep it for a rollback"
    ], deployed.job.report
    assert f"of {TO}." in deployed.job.said["Publish a first model"]
    assert deployed.model["name"] == "parcels"
    assert [feature["name"] for feature in deployed.model["features"]] == ["city", "weight", "stops", "month"]


def test_terraform_s_command_predicts_with_the_fork_s_model(deployed: Run, tmp_path: Path) -> None:
    """For the row that training wrote."""
    (tmp_path / "gcloud").write_text(GCLOUD)
    (tmp_path / "gcloud").chmod(0o755)
    environment = {**deployed.job.environment, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-ec", PREDICT],
        cwd=deployed.job.checkout,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"predictions": ["early"]}


@pytest.fixture(scope="module")
def retrained(fork: Fork, deployed: Run) -> Run:
    """A model by the file."""
    return fork.train("retrained")


@pytest.fixture(scope="module")
def newest(fork: Fork, retrained: Run) -> Run:
    """A model of the newest data, by the inputs."""
    return fork.train("newest", data=PARTS, allow_worse=True)


@pytest.mark.parametrize("name", ["retrained", "newest"])
def test_a_model_is_trained_and_published(request: pytest.FixtureRequest, name: str) -> None:
    """By every step of model.yml, in a fresh clone; its summary shows how good the model is."""
    run: Run = request.getfixturevalue(name)
    skipped = [step for step, outcome in run.job.outcomes.items() if outcome != "success"]
    assert skipped == ["Check the configuration"], run.job.report
    assert "ROC AUC" in run.job.summary
    assert "Published parcels" in run.job.summary
    assert f" of {TO}." in run.job.summary
    assert run.model["name"] == "parcels"


def test_the_same_table_gives_the_same_model(deployed: Run, retrained: Run) -> None:
    """As another generation of the object."""
    assert retrained.model["version"] == deployed.model["version"]
    assert retrained.model["generation"] > deployed.model["generation"]


def test_the_inputs_select_other_data(retrained: Run, newest: Run) -> None:
    """Everything else is as the file says."""
    assert newest.model["version"] != retrained.model["version"]
    assert [each["name"] for each in newest.model["features"]] == [each["name"] for each in retrained.model["features"]]


@pytest.fixture(scope="module")
def failed(fork: Fork, newest: Run) -> dict[str, Run]:
    """Trainings that must publish nothing: no such data, no such column, a table from which nothing can be learned."""
    parcels = pd.read_csv(ROOT / "docs" / "parcels.csv")
    parcels["late"] = parcels["late"].sample(frac=1, random_state=1).to_numpy()
    parcels.to_csv(fork.other, index=False)
    return {
        "no data": fork.train("no_data", data=f"gs://{PROJECT}-data/none.csv"),
        "no target": fork.train("no_target", target="arrival"),
        "worse": fork.train("worse", data=str(fork.other)),
    }


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("no data", "Train and evaluate"),
        ("no target", "Train and evaluate"),
        ("worse", "Publish, and wait until it is served"),
    ],
)
def test_a_training_that_fails_publishes_nothing(failed: dict[str, Run], newest: Run, name: str, step: str) -> None:
    """At the step that finds it out; the live model stays."""
    run = failed[name]
    assert [each for each, outcome in run.job.outcomes.items() if outcome == "failure"] == [step], run.job.report
    assert "Traceback" not in run.job.said[step]
    assert (run.model["version"], run.model["generation"]) == (newest.model["version"], newest.model["generation"])


def test_the_fork_s_model_is_load_tested(fork: Fork, newest: Run) -> None:
    """By a request that fits it; whether the objectives hold is this machine's matter."""
    need("load")
    job = fork.load()
    figures = json.loads((job.checkout / "build" / "load.json").read_text())
    assert figures["full"]["figures"]["requests"] > 0
    assert [figures[each]["figures"][kind] for each in ("full", "constant") for kind in ("wrong", "failed")] == [0] * 4
    step = "Run the load test"
    assert job.outcomes[step] == ("failure" if figures["broken"] else "success"), job.said[step]
    assert {name for name, outcome in job.outcomes.items() if outcome != "success"} - {step} == {
        "Check the configuration"
    }
    assert "## Load" in job.summary
    assert (artifacts(job) / "load" / "load.json").exists()


@pytest.mark.parametrize(("workflow", "name"), [("model.yml", "publish"), ("load.yml", "load")])
def test_missing_credentials_are_reported(fork: Fork, tmp_path: Path, workflow: str, name: str) -> None:
    """Somebody started it, so its run is red: nothing is tried."""
    calls = fork.cloud.calls.count()
    job = Repository(tmp_path, fork.cloud).job(workflow, name, inputs={"seconds": "1"}, vars={})
    job.run()
    assert [step for step, outcome in job.outcomes.items() if outcome == "failure"] == ["Check the configuration"]
    assert "GCLOUD_SERVICE_KEY: see docs/github.md." in job.said["Check the configuration"]
    assert fork.cloud.calls.count() == calls
