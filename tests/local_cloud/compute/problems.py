"""What Compute alone refuses, in its own words."""

from tests.local_cloud.errors import CloudError


class InUse(CloudError):
    """Something else still refers to a resource that was to be deleted."""

    def __init__(self, message: str) -> None:
        """Give the reason that Compute gives."""
        super().__init__(400, message)
        self.reason = "resourceInUseByAnotherResource"


class Changed(CloudError):
    """A resource has changed since its fingerprint was read."""

    def __init__(self) -> None:
        """Give the status that Compute gives."""
        super().__init__(412, "Invalid fingerprint.")
