"""A small real HTTP server that speaks the Google REST APIs this project uses.

    with LocalCloud() as cloud:
        os.environ.update(cloud.environment())

starts it on a free port of this machine; `python -m tests.local_cloud` runs it in the
foreground. It keeps everything in memory, remembers every call (`cloud.calls`) and fails on
demand (`cloud.faults`).
"""

from tests.local_cloud.faults import Effect, Fault
from tests.local_cloud.server import LocalCloud

__all__ = ["Effect", "Fault", "LocalCloud"]
