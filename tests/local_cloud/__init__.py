"""A small real HTTP server that speaks the Google REST APIs this project uses.

    with LocalCloud() as cloud:
        os.environ.update(cloud.environment())

starts it on a free port of this machine; `python -m tests.local_cloud` runs it in the
foreground. `cloud.terraform_environment()` is for Terraform's process with the google provider,
which finds every API that it needs here. A function that is created is built and runs, at an
address of its own (`running`). The cloud keeps everything in memory, remembers every call
(`cloud.calls`) and fails on demand (`cloud.faults`). A strict one enforces IAM, and compares every
call and response with Google's documents.
"""

from tests.local_cloud.faults import Effect, Fault
from tests.local_cloud.server import LocalCloud

__all__ = ["Effect", "Fault", "LocalCloud"]
