"""Staging and production in deploy.yml: one zip for both, and production only after staging's smoke test.

The steps are read out of the workflows and run in a copy of the repository, with the real Terraform and provider,
against two local clouds, which are two projects.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from terraform.zip import zipped
from tests.deploy.test_deploy_workflow import MARK, SILENT
from tests.deploy.workflows.repository import (
    PROJECT,
    STAGING,
    STAGING_VARIABLES,
    VARIABLES,
    Repository,
    bootstrapped,
    need_provider,
)
from tests.deploy.workflows.run import Run
from tests.local_cloud import LocalCloud

VARS = {**VARIABLES, **STAGING_VARIABLES}
SETTINGS = 'environment = {{ CORS_ORIGINS = "https://{}.example" }}\n'


class Fork:
    """A fork with both environments, each with settings of its own."""

    def __init__(self, folder: Path, staging: LocalCloud, production: LocalCloud) -> None:
        """Nothing is deployed."""
        self.staging, self.production = staging, production
        self.repository = Repository(folder, staging, production)
        self._zip = folder / "artifacts" / "function" / "function.zip"
        environments = self.repository.checkout / "terraform" / "environments"
        environments.mkdir(exist_ok=True)
        for name in ("staging", "production"):
            (environments / f"{name}.tfvars").write_text(SETTINGS.format(name))

    def push(self, source: str, *, tampered: bool = False) -> tuple[Run, int]:
        """Push a source; return the run, and how many calls reached production."""
        self.repository.write(source)
        before = self.production.calls.count()
        run = self.repository.deploy(vars=VARS, after={"staging/deploy": self._tamper} if tampered else None)
        need_provider(run.jobs["staging/deploy"])
        return run, self.production.calls.count() - before

    def sources(self, cloud: LocalCloud) -> dict[str, bytes]:
        """Return the zips that were deployed to a cloud, by their names."""
        bucket = cloud.storage.buckets.get(f"{cloud.project.id}-taxiway-source")
        return {each.name: each.content.data for each in bucket.objects.all()}

    def _tamper(self) -> None:
        self._zip.write_bytes(self._zip.read_bytes() + b"more")


@pytest.fixture(scope="module")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fork]:
    """A fork whose two projects bootstrap has prepared."""
    with LocalCloud(project=STAGING) as staging, LocalCloud(project=PROJECT) as production:
        for cloud in (staging, production):
            bootstrapped(cloud)
        yield Fork(tmp_path_factory.mktemp("fork"), staging, production)


@pytest.fixture(scope="module")
def silent(fork: Fork) -> tuple[Run, int]:
    """A first source that deploys, but answers no smoke test."""
    return fork.push(MARK.format("silent") + SILENT)


@pytest.fixture(scope="module")
def tampered(fork: Fork, silent: tuple[Run, int]) -> tuple[Run, int]:
    """A good source, whose artifact is another one when production gets it."""
    return fork.push(MARK.format("good"), tampered=True)


@pytest.fixture(scope="module")
def promoted(fork: Fork, tampered: tuple[Run, int]) -> Run:
    """The same source again."""
    return fork.push(MARK.format("good"))[0]


def test_a_source_that_fails_in_staging_does_not_reach_production(silent: tuple[Run, int]) -> None:
    """Not a call does."""
    run, calls = silent
    job = run.jobs["staging/deploy"]
    assert [step for step, outcome in job.outcomes.items() if outcome == "failure"] == ["Smoke test"], job.report
    assert (run.results["staging"], run.results["production"], calls) == ("failure", "skipped", 0)


def test_another_zip_is_refused(tampered: tuple[Run, int]) -> None:
    """Before the job has credentials; there is nothing to roll back."""
    run, calls = tampered
    job = run.jobs["production/deploy"]
    assert run.results["staging"] == "success"
    failed = [step for step, outcome in job.outcomes.items() if outcome == "failure"]
    assert failed == ["Check that it is the one that was built"], job.report
    assert "build/function.zip: FAILED" in job.said[failed[0]]
    assert run.jobs["production/rollback"].outcomes["Deploy the previous source"] == "skipped"
    assert calls == 0


def test_the_zip_of_staging_is_promoted(fork: Fork, promoted: Run) -> None:
    """Byte for byte; it is built once, and it serves."""
    expected = dict.fromkeys(("configured", "ci", "build", "attest", "staging", "production"), "success")
    assert expected.items() <= promoted.results.items()
    built = promoted.jobs["build"].outputs["digest"]["sha256"]
    source = f"source/{built}.zip"
    assert fork.sources(fork.production) == {source: fork.sources(fork.staging)[source]}
    for project in (STAGING, PROJECT):
        assert "this is the source: good\n" in fork.repository.log(project)
        assert fork.repository.predict(project).json() == {"predictions": [0]}
    zipped = [name for name, job in promoted.jobs.items() if "Zip the source" in job.outcomes]
    assert zipped == ["build"]


@pytest.mark.parametrize(("name", "project"), [("staging", STAGING), ("production", PROJECT)])
def test_each_environment_has_its_settings(fork: Fork, promoted: Run, name: str, project: str) -> None:
    """Of the file with its name; planned again, there is nothing to do."""
    assert fork.repository.service(project)["environmentVariables"]["CORS_ORIGINS"] == f"https://{name}.example"
    assert fork.repository.plan(promoted.jobs[f"{name}/deploy"]) == 0


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), ("skipped", "skipped")),
        (("DEPLOYER_PROVIDER",), ("skipped", "success")),
        (("STAGING_DEPLOYER_PROVIDER",), ("success", "skipped")),
        (("DEPLOYER_PROVIDER", "STAGING_DEPLOYER_PROVIDER"), ("success", "success")),
    ],
)
@pytest.mark.parametrize("kind", ["vars", "secrets"])
def test_what_is_configured_is_deployed(
    tmp_path: Path, cloud: LocalCloud, names: tuple[str, ...], expected: tuple[str, str], kind: str
) -> None:
    """By a provider or a key; a notice says what is not."""
    keys = [name.replace("DEPLOYER_PROVIDER", "GCLOUD_SERVICE_KEY") for name in names]
    repository = Repository(tmp_path, cloud)
    run = repository.deploy(
        given={"staging": "success", "production": "success"},
        outputs={"staging": {"tested": digest(repository)}},
        vars=dict.fromkeys(names if kind == "vars" else (), "a"),
        secrets=dict.fromkeys(keys if kind == "secrets" else (), "a"),
    )
    assert (run.results["staging"], run.results["production"]) == expected
    said = run.jobs["configured"].said
    assert ("Say that nothing is deployed" in said) == (expected[1] == "skipped")
    assert ("Say that there is no staging" in said) == (expected == ("skipped", "success"))


@pytest.mark.parametrize("result", ["failure", "cancelled", "skipped", "success"])
def test_production_waits_for_staging(tmp_path: Path, cloud: LocalCloud, result: str) -> None:
    """Unless a configured staging has tested the zip, production stays as it is."""
    run = Repository(tmp_path, cloud).deploy(vars=VARS, given={"staging": result, "production": "success"})
    assert run.results["production"] == "skipped"


def digest(repository: Repository) -> str:
    """Return the SHA-256 of the zip that the repository makes."""
    return hashlib.sha256(zipped(repository.checkout)).hexdigest()
