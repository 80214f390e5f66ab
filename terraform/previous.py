"""Download the deployed source to build/previous.zip, to deploy it again if the next deployment fails.

The label of the function, which the plan in build/deploy.tfplan contains, identifies the source. The outputs of
Terraform do not: after a failed apply they describe a source that is not deployed. If nothing is deployed yet, no file
is written.
"""
# ruff: noqa: INP001 -- the folder is a Terraform module, not a Python package

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model_training.publishing.bucket_errors import BucketError, bucket_errors
from model_training.publishing.storage import storage_client

ROOT = Path(__file__).parent.parent
PLAN = ROOT / "build" / "deploy.tfplan"
TARGET = ROOT / "build" / "previous.zip"


def read_plan(plan: Path) -> dict[str, Any]:
    """Return a plan as JSON (https://developer.hashicorp.com/terraform/internals/json-format).

    Raises:
        SystemExit: there is no plan, or Terraform can't read it; the message says what to do.
    """
    if not plan.exists():
        raise SystemExit("There is no plan, which says what is deployed. Make one first: make plan PROJECT=my-project")
    command = ["terraform", f"-chdir={ROOT / 'terraform'}", "show", "-json", str(plan)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE)
    if done.returncode:
        raise SystemExit("Terraform can't read the plan, see above. Make one again: make plan PROJECT=my-project")
    shown: dict[str, Any] = json.loads(done.stdout)
    return shown


def deployed(plan: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the bucket and name prefix of the deployed zip; None if nothing is deployed."""
    module = plan.get("prior_state", {}).get("values", {}).get("root_module", {})
    # Of several regions use the first, which is the one that the smoke test calls.
    values = {each["address"].partition("[")[0]: each["values"] for each in reversed(module.get("resources", []))}
    function, bucket = values.get("google_cloudfunctions2_function.predict"), values.get("google_storage_bucket.source")
    if not function or not bucket or "source" not in function["effective_labels"]:
        return None
    return bucket["name"], f"source/{function['effective_labels']['source']}"


def main(plan: Path = PLAN, target: Path = TARGET) -> None:
    """Download the deployed source; delete the file of an earlier run if nothing is deployed.

    Raises:
        SystemExit: there is no plan, or the bucket can't be read.
    """
    target.unlink(missing_ok=True)
    place = deployed(read_plan(plan))
    try:
        with bucket_errors(f"gs://{'/'.join(place)}" if place else ""):
            blob = next(iter(storage_client().list_blobs(place[0], prefix=place[1])), None) if place else None
            if blob is None:
                sys.stdout.write("Nothing is deployed yet: there is no previous source to download.\n")
                return
            blob.download_to_filename(str(target))
    except BucketError as error:
        raise SystemExit(str(error)) from None
    sys.stdout.write(f"{target}: gs://{blob.bucket.name}/{blob.name}\n")


if __name__ == "__main__":
    main()
