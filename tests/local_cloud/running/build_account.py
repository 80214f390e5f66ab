"""What the account needs that a function is built with (https://cloud.google.com/functions/docs/securing/build-custom-sa)."""

from collections.abc import Mapping
from typing import Any

from tests.local_cloud.access.access import Access
from tests.local_cloud.access.callers import account
from tests.local_cloud.access.needs import Need
from tests.local_cloud.running.problem import BuildProblem
from tests.local_cloud.storage.bucket_policy_api import BUCKETS


def check_build(access: Access, function: str, build: Mapping[str, Any]) -> None:
    """Raise a BuildProblem if the account cannot read the source, or write the image or the log.

    Google copies the source to a bucket of its own.
    """
    project, location = access.project, function.split("/")[3]
    email = build.get("serviceAccount", "").rpartition("/")[2]
    needs = (
        Need("storage.objects.get", f"{BUCKETS}/gcf-v2-sources-{project.number}-{location}"),
        Need(
            "artifactregistry.repositories.uploadArtifacts",
            f"//artifactregistry.googleapis.com/{build.get('dockerRepository')}",
        ),
        Need("logging.logEntries.create", project.full_name),
    )
    for need in needs:
        if not access.has(account(email), "the build of a function", need):
            raise BuildProblem(f"The build account {email} lacks {need.permission} on {need.resource}.")
