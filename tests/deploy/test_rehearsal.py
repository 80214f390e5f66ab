"""The rehearsals, step by step; they need the real provider."""

from pathlib import Path

from tests.deploy.rehearsal import balanced, everywhere, steps
from tests.deploy.rehearsal.rehearsal import STATE_BUCKET, Rehearsal
from tests.deploy.terraform_command import Unavailable, unavailable
from tests.local_cloud import LocalCloud


def rehearse(rehearsal: Rehearsal, *chosen: steps.Step) -> None:
    """Take the steps; skip the test without a provider that can apply."""
    try:
        for step in chosen:
            step(rehearsal)
    except Unavailable as error:
        unavailable(str(error))


def test_the_deployment_can_be_rehearsed(tmp_path: Path, bundle_path: Path) -> None:
    """Everything is made, serves, changes, fails and goes as the steps say."""
    with LocalCloud() as cloud:
        rehearse(Rehearsal(cloud, tmp_path, bundle_path), *[step for _, step in steps.STEPS])


def test_several_regions_can_be_rehearsed(tmp_path: Path, bundle_path: Path) -> None:
    """The same of two regions that answer at one address and to BigQuery, and of the way to one region."""
    with LocalCloud() as cloud:
        cloud.storage.buckets.insert(STATE_BUCKET, {"versioning": {"enabled": True}})
        rehearsal = Rehearsal(cloud, tmp_path, bundle_path)
        rehearsal.noted["bootstrap"] = cloud.existing()
        rehearse(
            rehearsal,
            everywhere.deploy,
            everywhere.publish,
            everywhere.query,
            everywhere.query_json,
            balanced.ask_at_the_domain,
            balanced.lose_a_region,
            balanced.ask_too_often,
            everywhere.go_to_one,
            everywhere.destroy,
        )
