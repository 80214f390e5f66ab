"""Write build/function.zip, the source to deploy: identical content gives an identical file.

Members are sorted and have a fixed date, mode and system. They are stored without compression, because the output of
deflate differs between versions of zlib. Terraform names the uploaded object by the hash of the file, so an unchanged
source changes nothing in the cloud.
"""
# ruff: noqa: INP001 -- the folder is a Terraform module, not a Python package

import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "build" / "function.zip"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip can hold
UNIX = 3
REGULAR_FILE_0644 = 0o100644 << 16


def members(root: Path) -> Iterator[str]:
    """Yield the files to deploy, as paths relative to `root`: main.py, requirements.txt and function/."""
    yield "main.py"
    yield "requirements.txt"
    for path in (root / "function").rglob("*"):
        parts = path.relative_to(root).parts
        if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in parts):
            yield "/".join(parts)


def zipped(root: Path) -> bytes:
    """Return a zip of the files to deploy."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(members(root)):
            archive.writestr(_entry(name), (root / name).read_bytes())
    return buffer.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.create_system = UNIX
    entry.external_attr = REGULAR_FILE_0644
    entry.compress_type = zipfile.ZIP_STORED
    return entry


def main(target: Path = TARGET) -> None:
    """Write the zip if it has changed, by renaming a temporary file."""
    data = zipped(ROOT)
    if not target.exists() or target.read_bytes() != data:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(data)
        part.replace(target)
    sys.stdout.write(f"{target}: {len(data)} bytes\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
