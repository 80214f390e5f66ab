"""Release the state lock of a deployment that was cut off, such as by a cancelled workflow or a lost runner.

Only a lock of the same user on another machine is released: GitHub's runners have one user name and a host name each,
and only one deployment runs at a time. Everybody else's lock stays.

The lock is the object root/default.tflock, JSON with a field `Who`; its ID is the generation of the object
(https://github.com/hashicorp/terraform/blob/main/internal/backend/remote-state/gcs/client.go).
"""
# ruff: noqa: INP001 -- the folder is a Terraform module, not a Python package

import getpass
import json
import socket
import subprocess
import sys
from pathlib import Path

from model_training.publishing.bucket_errors import BucketError, bucket_errors
from model_training.publishing.storage import storage_client

TERRAFORM = Path(__file__).parent
LOCK = "root/default.tflock"


def main(bucket: str) -> int:
    """Release the lock of the state in a bucket; return 1 if it is somebody else's.

    Raises:
        SystemExit: the bucket can't be read.
    """
    try:
        with bucket_errors(f"gs://{bucket}/{LOCK}"):
            blob = storage_client().bucket(bucket).get_blob(LOCK)
            lock = json.loads(blob.download_as_bytes()) if blob else None
    except BucketError as error:
        raise SystemExit(str(error)) from None
    if blob is None or lock is None:
        sys.stdout.write("The state is not locked.\n")
        return 0
    held_by = str(lock.get("Who", ""))
    user, _, host = held_by.partition("@")
    if user != getpass.getuser() or host == socket.gethostname():
        sys.stderr.write(
            f"The state is locked by {held_by}, which may be a deployment that still runs. If it does not: "
            f"terraform -chdir=terraform force-unlock {blob.generation}\n"
        )
        return 1
    command = ["terraform", f"-chdir={TERRAFORM}", "force-unlock", "-force", str(blob.generation)]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
