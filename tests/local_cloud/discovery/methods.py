"""Which method of Google's APIs a call to the cloud is."""

import re

from tests.local_cloud.discovery.documents import Method, methods
from tests.local_cloud.environment import PREFIXES

_VERSION = re.compile(r"(?<=/)v\d+(?=/)")
# Cloud Storage has no prefix here, and its downloads have one at Google as well.
_STORAGE = re.compile(r"/(upload/|download/)?storage/v1/")


def api_of(path: str) -> tuple[str, str, str]:
    """Return the API, its version, and the path at Google of a path of the cloud."""
    prefix, _, rest = path.removeprefix("/").partition("/")
    if prefix in PREFIXES and prefix != "storage":
        version = _VERSION.search(f"/{rest}/")
        return prefix, version[0] if version else "", f"/{rest}"
    return "storage", "v1" if _STORAGE.match(path) else "xml", path.removeprefix("/download")


def method_of(verb: str, path: str) -> Method | None:
    """Return the method that a call of the cloud is; None if no document has it."""
    api, version, path = api_of(path)
    for method in methods(api, version):
        if method.verb == verb and method.path.fullmatch(path):
            return method
        # The pieces of a resumable upload are put where the upload was started.
        if method.uploads and verb in {"POST", "PUT"} and method.uploads.fullmatch(path):
            return method
    return None
