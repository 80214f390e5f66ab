"""Fetch build/previous.zip: the source that is deployed, to go back to if the next one fails.

Which it is says the function's label, as the plan in build/deploy.tfplan has just read it. Terraform's outputs
won't do: a failed apply leaves in them what it did not deploy. Where nothing is deployed yet there is no file.
"""
# ruff: noqa: INP001 -- a folder of Terraform's, not a package

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from function.live.source import storage_client

ROOT = Path(__file__).parent.parent
PLAN = ROOT / "build" / "deploy.tfplan"
TARGET = ROOT / "build" / "previous.zip"


def read_plan(plan: Path) -> dict[str, Any]:
    """Return a plan as JSON (https://developer.hashicorp.com/terraform/internals/json-format)."""
    command = ["terraform", f"-chdir={ROOT / 'terraform'}", "show", "-json", str(plan)]
    shown: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return shown


def deployed(plan: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the bucket of the deployed zip and what its name begins with; None where nothing is deployed."""
    module = plan.get("prior_state", {}).get("values", {}).get("root_module", {})
    # In the first of the regions, which is the one that is tried.
    values = {each["address"].partition("[")[0]: each["values"] for each in reversed(module.get("resources", []))}
    function, bucket = values.get("google_cloudfunctions2_function.predict"), values.get("google_storage_bucket.source")
    if not function or not bucket or "source" not in function["effective_labels"]:
        return None
    return bucket["name"], f"source/{function['effective_labels']['source']}"


def main(plan: Path = PLAN, target: Path = TARGET) -> None:
    """Write it, or take away what an earlier run has left."""
    target.unlink(missing_ok=True)
    there = deployed(read_plan(plan))
    blob = next(iter(storage_client().list_blobs(there[0], prefix=there[1])), None) if there else None
    if blob is None:
        sys.stdout.write("Nothing is deployed yet: there is nothing to go back to.\n")
        return
    blob.download_to_filename(str(target))
    sys.stdout.write(f"{target}: gs://{blob.bucket.name}/{blob.name}\n")


if __name__ == "__main__":
    main()
