"""The files of a table that is in several parts."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_WILDCARDS = re.compile(r"[-_ ]*(?:\*+|\?+|\[[^]]*\])+[-_ ]*")


@dataclass(frozen=True)
class Parts:
    """Files with the same columns, in the order of their rows; as text it is the pattern that found them."""

    pattern: str
    paths: tuple[Path, ...]

    def __str__(self) -> str:
        """Return the pattern, for messages."""
        return self.pattern

    @property
    def name(self) -> str:
        """The name of the table: that of the pattern without its wildcards, or else that of the folder."""
        path = PurePosixPath(self.pattern)
        name = _WILDCARDS.sub("", path.name)
        return name if name.partition(".")[0] else f"{path.parent.name}{name}"


def paths_of(files: Path | Parts) -> Sequence[Path]:
    """Return the files of a table."""
    return files.paths if isinstance(files, Parts) else (files,)


def sha256_of(files: Path | Parts) -> str:
    """Return the SHA-256 of a file in hexadecimal; of several, that of their hashes."""
    hashes = []
    for path in paths_of(files):
        with path.open("rb") as file:
            hashes.append(hashlib.file_digest(file, "sha256").hexdigest())
    return hashes[0] if isinstance(files, Path) else hashlib.sha256("\n".join(hashes).encode()).hexdigest()
