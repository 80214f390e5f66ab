"""Cloud Storage: its JSON API, as far as the official clients and Terraform use it.

`storage`, `buckets`, `objects`, `content`, `preconditions`, `listing`, `multipart`,
`resumable`, `content_range` and `resources` know no HTTP; `routes` and the `*_api` files
are the surface.
"""

from tests.local_cloud.storage.routes import operations
from tests.local_cloud.storage.storage import Storage

__all__ = ["Storage", "operations"]
