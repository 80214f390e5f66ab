"""The rehearsal, step by step; it needs the real provider."""

from pathlib import Path

from tests.deploy.rehearsal.rehearsal import Rehearsal
from tests.deploy.rehearsal.steps import STEPS
from tests.deploy.terraform_command import Unavailable, unavailable
from tests.local_cloud import LocalCloud


def test_the_deployment_can_be_rehearsed(tmp_path: Path, bundle_path: Path) -> None:
    """Everything is made, serves, changes, fails and goes as the steps say."""
    with LocalCloud() as cloud:
        rehearsal = Rehearsal(cloud, tmp_path, bundle_path)
        try:
            for _, step in STEPS:
                step(rehearsal)
        except Unavailable as error:
            unavailable(str(error))
