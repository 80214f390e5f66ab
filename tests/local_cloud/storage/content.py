"""The bytes of an object and their hashes."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import google_crc32c

from tests.local_cloud.errors import CloudError

# Names of the hashes in the X-Goog-Hash header, and in an object's resource.
RESOURCE_NAMES = {"crc32c": "crc32c", "md5": "md5Hash"}


@dataclass(frozen=True)
class Content:
    """The bytes of an object; hashes are base64, as in its resource. Copies share it."""

    data: bytes

    @cached_property
    def md5(self) -> str:
        """The MD5."""
        return base64.b64encode(hashlib.md5(self.data, usedforsecurity=False).digest()).decode()

    @cached_property
    def crc32c(self) -> str:
        """The CRC32C, big-endian."""
        return base64.b64encode(google_crc32c.value(self.data).to_bytes(4, "big")).decode()

    def hashes(self) -> dict[str, str]:
        """Return the hashes under their names in a resource."""
        return {"crc32c": self.crc32c, "md5Hash": self.md5}

    def verify(self, claims: Mapping[str, object]) -> None:
        """Compare with the hashes that the sender claims; 400 when one differs."""
        for name, actual in self.hashes().items():
            claim = claims.get(name)
            if claim not in (None, actual):
                raise CloudError(400, f'Provided {name} "{claim}" does not match calculated "{actual}".')


def parse_hashes(header: str | None) -> dict[str, str]:
    """Read an X-Goog-Hash header, `crc32c=AAAAAA==,md5=...`, into names as in a resource."""
    pairs = (item.strip().partition("=") for item in (header or "").split(","))
    return {RESOURCE_NAMES[name]: value for name, _, value in pairs if name in RESOURCE_NAMES}
