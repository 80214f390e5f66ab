"""The steps of staging and production, which are two projects: one zip for both, and accounts that stay at home."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import pytest

from tests.deploy.rehearsal import github, steps
from tests.deploy.rehearsal.forbidden import try_all
from tests.deploy.rehearsal.rehearsal import DEPLOYED, Rehearsal
from tests.local_cloud import LocalCloud

GITHUB = 'github = {{ owner_id = "1001", repository_id = "2002", environment = "{}" }}\n'
KEY = "projects/keys/locations/{}/keyRings/company/cryptoKeys/taxiway"
COMPANY = f"""\
secrets    = {{ API_TOKEN = "api-token" }}
vpc        = {{ network = "corp", subnetwork = "serverless" }}
encryption = {{ buckets = "{KEY.format("europe")}", regions = {{ europe-west1 = "{KEY.format("europe-west1")}" }} }}
"""
"""What production requires here, and staging does not."""
FUNCTION = "projects/{}/locations/europe-west1/functions/taxiway"


@dataclass(frozen=True)
class Environments:
    """Both environments, each in a cloud of its own."""

    staging: Rehearsal
    production: Rehearsal

    def __post_init__(self) -> None:
        """Tell bootstrap which is which, and production what differs."""
        for name, each in self.by_name():
            each.say_to_bootstrap(GITHUB.format(name))
        self.production.say_to_bootstrap(GITHUB.format("production") + 'extras = ["secrets", "vpc", "encryption"]\n')
        self.production.say(DEPLOYED + COMPANY)

    @property
    def clouds(self) -> tuple[LocalCloud, ...]:
        """All that they call."""
        return self.staging.cloud, self.production.cloud

    def by_name(self) -> tuple[tuple[str, Rehearsal], ...]:
        """Return both, with their names in GitHub."""
        return ("staging", self.staging), ("production", self.production)

    def each(self, step: steps.Step) -> str:
        """Take a step in both at the same time, as two people may."""
        with ThreadPoolExecutor() as threads:
            seen = list(threads.map(step, (self.staging, self.production)))
        return seen[0] if seen[0] == seen[1] else "; ".join(seen)


@contextmanager
def prepared(folder: Path, model: Path) -> Iterator[Environments]:
    """Start two strict clouds, and prepare a folder for each; both get the same model."""
    with LocalCloud(project="rehearsal-staging", strict=True) as staging, LocalCloud(strict=True) as production:
        yield Environments(
            Rehearsal(staging, folder / "staging", model), Rehearsal(production, folder / "production", model)
        )


Step = Callable[[Environments], str]


def authenticate(environments: Environments) -> str:
    """Jobs of an environment become its deployer, those of its rollback too, and no others."""
    refused = 0
    for name, each in environments.by_name():
        prefix = "STAGING_" if name == "staging" else ""
        lines = dict(line.split("=", 1) for line in each.outputs["github_variables"].split())
        assert {line.startswith("STAGING_") for line in lines} == {name == "staging"}
        deployer, provider = lines[f"{prefix}DEPLOYER"], lines[f"{prefix}DEPLOYER_PROVIDER"]
        for own in (name, f"{name}-rollback"):
            each.tokens["deployer"] = github.access_token(each.cloud, github.push(own), provider, deployer)
        others = {"staging", "staging-rollback", "production", "production-rollback", "qa"} - {name, f"{name}-rollback"}
        for claims in (github.PUSH, github.PULL_REQUEST, *map(github.push, others)):
            with pytest.raises(github.Refused, match="rejected by the attribute condition"):
                github.federated_token(each.cloud, claims, provider)
            refused += 1
        each.noted["github"] = {"DEPLOYER": deployer, "DEPLOYER_PROVIDER": provider}
    return f"by its own jobs alone; {refused} others were refused"


def deploy_to_staging(environments: Environments) -> str:
    """The deployer of staging deploys; production has not been called."""
    assert environments.production.outputs.keys() == {"state_bucket", "github_variables"}
    return steps.deploy(environments.staging)


def smoke_test(rehearsal: Rehearsal, name: str) -> str:
    """Publish a first model and smoke-test, as the jobs of an environment do."""
    to, deployer = rehearsal.outputs["model_uri"], rehearsal.noted["github"]["DEPLOYER"]
    token = github.federated_token(rehearsal.cloud, github.push(name), rehearsal.noted["github"]["DEPLOYER_PROVIDER"])
    identity = github.identity_token(rehearsal.cloud, token, deployer, rehearsal.url)
    rehearsal.shell(f"python -m model_training publish {rehearsal.model} --if-none --to {to}", caller=deployer)
    rehearsal.shell(f"python -m model_training smoke {rehearsal.url} --to {to}", caller=deployer, ID_TOKEN=identity)
    return "the golden rows are right"


def promote(environments: Environments) -> str:
    """The zip that staging runs, as a file; production's source bucket then has an object with the same digest."""
    shutil.copy(environments.staging.root / "function.zip", environments.production.root / "function.zip")
    counted = steps.deploy(environments.production)
    staging, production = (_sources(each) for _, each in environments.by_name())
    assert staging == production
    ((name, digest),) = production.items()
    assert name == f"source/{digest}.zip"
    return f"{counted}; {name}"


def change_the_keys(environments: Environments) -> str:
    """Without keys, a secret and a network, and with them again; a repository with another key is another one."""
    production, counted = environments.production, []
    for more in ("", COMPANY):
        production.say(DEPLOYED + more)
        counted.append(production.apply(production.root))
        steps.plan_again(production)
        assert production.ask("/health").status_code == 200
    assert counted == ["1 added, 3 changed, 1 destroyed"] * 2
    return f"{counted[0]}, both times; nothing to do"


def check_apart(environments: Environments) -> str:
    """Whatever exists is in one project or in the other."""
    staging, production = (set(each.cloud.existing()) for _, each in environments.by_name())
    assert staging & production == set()
    assert all("rehearsal-staging" in name for name in staging)
    assert not any("rehearsal-staging" in name for name in production)
    return f"{len(staging)} and {len(production)} resources, none in common"


def try_the_other(environments: Environments) -> str:
    """Accounts of one environment are nobody in the other."""
    count = 0
    for home, other in permutations((environments.staging, environments.production)):
        project, there = other.cloud.project.id, home.cloud.project.id
        deployer, runtime = (f"taxiway-{name}@{there}.iam.gserviceaccount.com" for name in ("deployer", "runtime"))
        state = f"/storage/v1/b/{other.state_bucket}/o/root%2Fdefault.tfstate?alt=media"
        upload = f"/upload/storage/v1/b/{project}-taxiway-source/o?uploadType=media&name=source/mine.zip"
        model = f"/storage/v1/b/{project}-taxiway-models/o/models%2Fflight-delay?alt=media"
        function = f"/cloudfunctions/v2/{FUNCTION.format(project)}"
        become = f"/iamcredentials/v1/projects/-/serviceAccounts/taxiway-deployer@{project}.iam.gserviceaccount.com"
        count += try_all(
            other,
            (deployer, "GET", state, 403, "storage.objects.get"),
            (deployer, "POST", upload, 403, "storage.objects.create"),
            (deployer, "PATCH", f"{function}?updateMask=labels", 403, "cloudfunctions.functions.update"),
            (deployer, "POST", f"{become}:generateAccessToken", 403, "iam.serviceAccounts.getAccessToken"),
            (runtime, "GET", model, 403, "storage.objects.get"),
        )
        assert other.ask("/model", token=deployer).status_code == 403
        count += 1
    return f"{count} attempts, all refused with 403"


def destroy(rehearsal: Rehearsal) -> str:
    """Everything goes, and what bootstrap made."""
    counted = steps.destroy_all(rehearsal)
    steps.destroy_bootstrap(rehearsal)
    return counted


def _sources(rehearsal: Rehearsal) -> dict[str, str]:
    bucket = rehearsal.cloud.storage.buckets.get(f"{rehearsal.cloud.project.id}-taxiway-source")
    return {each.name: hashlib.sha256(each.content.data).hexdigest() for each in bucket.objects.all()}


STEPS: tuple[tuple[str, Step], ...] = (
    ("Bootstrap both projects", lambda both: both.each(steps.bootstrap)),
    ("Plan both bootstraps again", lambda both: both.each(steps.plan_bootstrap_again)),
    ("Authenticate from GitHub", authenticate),
    ("Deploy to staging", deploy_to_staging),
    ("Smoke-test staging", lambda both: smoke_test(both.staging, "staging")),
    ("Promote the zip to production", promote),
    ("Smoke-test production", lambda both: smoke_test(both.production, "production")),
    ("Plan both again", lambda both: both.each(steps.plan_again)),
    ("Remove production's keys, and bring them back", change_the_keys),
    ("See what belongs to both", check_apart),
    ("Try what the accounts of the other may do", try_the_other),
    ("Destroy both, models and all", lambda both: both.each(destroy)),
)
