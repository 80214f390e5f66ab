"""The client of Cloud Storage."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.cloud import storage


def storage_client() -> "storage.Client":
    """Create a Cloud Storage client; imports its libraries here, which takes half a second."""
    from google.cloud import storage

    # An object's address has no project, but without one here the client would search for it.
    return storage.Client(project="unused")
