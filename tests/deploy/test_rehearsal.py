"""The rehearsals, step by step; they need the real provider."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deploy.rehearsal import environments, everywhere, steps
from tests.deploy.rehearsal.rehearsal import Rehearsal
from tests.deploy.rehearsal.running import AnyWorld, take
from tests.deploy.terraform_command import Unavailable, unavailable
from tests.local_cloud import LocalCloud

UNTIL_DEPLOYED = steps.STEPS[:4]
# A rehearsal is four minutes of work, on a machine that does nothing else.
pytestmark = pytest.mark.timeout(1800)


def rehearse(world: AnyWorld, *chosen: tuple[str, Callable[[AnyWorld], str]]) -> None:
    """Take the steps; skip the test without a provider that can apply."""
    try:
        for name, step in chosen:
            take(world, name, step)
    except Unavailable as error:
        unavailable(str(error))


def test_the_deployment_can_be_rehearsed(tmp_path: Path, bundle_path: Path) -> None:
    """Everything is made, serves, changes, fails and goes as the steps say; each grant is needed."""
    with LocalCloud(strict=True) as cloud:
        rehearse(Rehearsal(cloud, tmp_path, bundle_path), *steps.STEPS)


def test_several_regions_can_be_rehearsed(tmp_path: Path, bundle_path: Path) -> None:
    """The same of two regions that answer at one address and to BigQuery, and of the way to one region."""
    left_out = (everywhere.go_to_three, everywhere.go_to_two, everywhere.close)
    with LocalCloud(strict=True) as cloud:
        chosen = [each for each in everywhere.STEPS if each[1] not in left_out]
        assert len(chosen) == len(everywhere.STEPS) - len(left_out)
        rehearse(Rehearsal(cloud, tmp_path, bundle_path), *chosen)


def test_staging_and_production_can_be_rehearsed(tmp_path: Path, bundle_path: Path) -> None:
    """One zip for both, after the other; the accounts of each are refused by the other."""
    with environments.prepared(tmp_path, bundle_path) as both:
        rehearse(both, *environments.STEPS)


def test_a_deployment_fails_without_a_grant(tmp_path: Path, bundle_path: Path) -> None:
    """At the step that the table names, with the permission: what is found without a run for each is so in one."""
    role, member = "roles/iam.serviceAccountUser", "serviceAccount:taxiway-deployer@rehearsal.iam.gserviceaccount.com"
    with LocalCloud(strict=True) as cloud:
        rehearsal = Rehearsal(cloud, tmp_path, bundle_path)
        *before, (name, deploy) = UNTIL_DEPLOYED
        assert name == "Deploy"
        rehearse(rehearsal, *before)
        with (
            cloud.access.deprived_of(role, member),
            pytest.raises(AssertionError, match=r"'iam.serviceAccounts.actAs' denied"),
        ):
            take(rehearsal, name, deploy)
