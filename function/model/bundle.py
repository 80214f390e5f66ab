"""The bundle: a zip that holds one model and its manifest.

What comes from the bucket is untrusted: sizes are bounded before anything is parsed, bytes are
counted as they are inflated, and every member's sha256 must be the manifest's.
"""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

import msgspec

from function.errors import Refused
from function.model.manifest import Manifest, Member, read_manifest

MANIFEST = "manifest.json"
JOBLIB = "model.joblib"
ENCODER = "encoder.onnx"
ESTIMATOR = "estimator.onnx"
REPORT = "report.html"
MEMBERS = frozenset({MANIFEST, JOBLIB, ENCODER, ESTIMATOR, REPORT})
MAX_MANIFEST_BYTES = 16 * 2**20
MAX_DIRECTORY_BYTES = 4096

ZIP_MAGIC = b"PK\x03\x04"
# End of central directory record, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3.16
_END = struct.Struct("<4s4H2LH")
_LOCAL_HEADER_BYTES = 30
_EPOCH = datetime.fromtimestamp(0, timezone.utc)


@dataclass(frozen=True)
class Bundle:
    """A bundle that has been read and checked: its manifest and the bytes of its other members."""

    manifest: Manifest
    members: Mapping[str, bytes]


def is_bundle(data: bytes) -> bool:
    """Tell a bundle by its first bytes."""
    return data.startswith(ZIP_MAGIC)


def version_of(manifest: Manifest) -> str:
    """Return the content's version: 12 hex digits that leave out the creation time and the report."""
    members = {name: member for name, member in sorted(manifest.members.items()) if name != REPORT}
    content = msgspec.structs.replace(manifest, version="0" * 12, created=_EPOCH, members=members)
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()[:12]


def write_bundle(manifest: Manifest, members: Mapping[str, bytes]) -> bytes:
    """Make the zip; the manifest's `members` and `version` are filled in here.

    The same content gives the same bytes, whatever the clock.
    """
    listed = {name: _member(content) for name, content in sorted(members.items())}
    manifest = msgspec.structs.replace(manifest, members=listed)
    manifest = msgspec.structs.replace(manifest, version=version_of(manifest))
    text = msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=1)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {MANIFEST: text, **members}.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _member(content: bytes) -> Member:
    return Member(sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def read_bundle(data: bytes, max_bytes: int) -> Bundle:
    """Read and check a bundle whose members inflate to `max_bytes` at most.

    Raises:
        Refused: saying what about the file is not as it must be.
    """
    _check_directory_size(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_directory(archive.infolist())
            members = _inflate(archive, max_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error) as error:
        raise Refused(f"the bundle is not a whole zip file: {error}") from None
    if MANIFEST not in members:
        raise Refused(f"the bundle has no {MANIFEST}")
    manifest = read_manifest(members.pop(MANIFEST))
    _check_members(manifest, members)
    return Bundle(manifest, members)


def _check_directory_size(data: bytes) -> None:
    """Refuse before `zipfile` makes an object of each of a directory's millions of entries."""
    if len(data) < _END.size:
        raise Refused("the bundle is not a whole zip file: it is too short")
    magic, *_, directory_bytes, _, _ = _END.unpack(data[-_END.size :])
    if magic != b"PK\x05\x06":
        raise Refused("the bundle is not a whole zip file: it has no end, or a comment follows it")
    if directory_bytes > MAX_DIRECTORY_BYTES:
        raise Refused(f"the bundle's directory is over {MAX_DIRECTORY_BYTES} bytes")


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if foreign := set(names) - MEMBERS:
        raise Refused(f"the bundle has {len(foreign)} members other than {', '.join(sorted(MEMBERS))}")
    if len(set(names)) < len(names):
        raise Refused("the bundle has two members of one name")
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise Refused("the bundle's members overlap")
        end = entry.header_offset + _LOCAL_HEADER_BYTES + len(entry.filename) + entry.compress_size


def _inflate(archive: zipfile.ZipFile, max_bytes: int) -> dict[str, bytes]:
    """Inflate every member, counting the bytes that come out rather than those a header promises."""
    members: dict[str, bytes] = {}
    left = max_bytes
    for entry in archive.infolist():
        limit = min(left, MAX_MANIFEST_BYTES) if entry.filename == MANIFEST else left
        with archive.open(entry) as stream:
            content = stream.read(limit + 1)
        if len(content) > limit:
            raise Refused(f"{entry.filename} inflates to more than {limit} bytes")
        members[entry.filename] = content
        left -= len(content)
    return members


def _check_members(manifest: Manifest, members: Mapping[str, bytes]) -> None:
    if members.keys() != manifest.members.keys():
        raise Refused(f"the bundle holds {sorted(members)}, its manifest lists {sorted(manifest.members)[:9]}")
    for name, content in members.items():
        if _member(content) != manifest.members[name]:
            raise Refused(f"{name} differs from the sha256 in the manifest")
    if version_of(manifest) != manifest.version:
        raise Refused("manifest.json differs from its own version")
    if ESTIMATOR in members and ENCODER not in members:
        raise Refused(f"the bundle has {ESTIMATOR} without {ENCODER}")
