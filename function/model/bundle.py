"""The bundle: a zip that holds one model and its manifest.

Files in the bucket are untrusted: sizes are limited before anything is parsed, bytes are counted while
they are inflated, and every member's sha256 must match the manifest.
"""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from datetime import datetime, timezone

import msgspec

from function.errors import Refused
from function.model.manifest import Manifest, Member, read_manifest

MANIFEST = "manifest.json"
JOBLIB = "model.joblib"
NATIVE = frozenset({"model.ubj", "model.txt", "model.cbm.json"})
"""Files of XGBoost, LightGBM and CatBoost, which nothing here reads: the plan and the graph were compiled from them."""
PLAN = "plan.json"
ENCODER = "encoder.onnx"
"""Only in format 1, whose encoder is a graph."""
ESTIMATOR = "estimator.onnx"
REPORT = "report.html"
MEMBERS = frozenset({MANIFEST, JOBLIB, PLAN, ENCODER, ESTIMATOR, REPORT}) | NATIVE
MAX_MODEL_BYTES = 256 * 2**20
"""The default of the setting MAX_MODEL_BYTES, of the function and of the commands."""
MAX_MANIFEST_BYTES = 16 * 2**20
MAX_DIRECTORY_BYTES = 4096

ZIP_MAGIC = b"PK\x03\x04"
# End of central directory record, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3.16
_END = struct.Struct("<4s4H2LH")
# Zip64 end of central directory locator, 4.3.15; the record that it locates overrides the other one.
_ZIP64_LOCATOR_BYTES = 20
_LOCAL_HEADER_BYTES = 30
_PIECE_BYTES = 1 << 20
_EPOCH = datetime.fromtimestamp(0, timezone.utc)


class Bundle:
    """A checked bundle: its manifest, and its other members, which are inflated on demand."""

    def __init__(self, manifest: Manifest, archive: zipfile.ZipFile) -> None:
        self.manifest = manifest
        self._archive = archive

    def __contains__(self, name: str) -> bool:
        """Return whether the bundle has a member of this name."""
        return name in self.manifest.members

    def read(self, name: str) -> bytes:
        """Return a member's bytes."""
        return self._archive.read(name)


def is_bundle(data: bytes) -> bool:
    """Return whether data is a bundle, judging by its first bytes."""
    return data.startswith(ZIP_MAGIC)


def version_of(manifest: Manifest) -> str:
    """Return the version of the content, 12 hex digits; the creation time and the report do not change it."""
    members = {name: member for name, member in sorted(manifest.members.items()) if name != REPORT}
    content = msgspec.structs.replace(manifest, version="0" * 12, created=_EPOCH, members=members)
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()[:12]


def write_bundle(manifest: Manifest, members: Mapping[str, bytes]) -> bytes:
    """Complete the manifest and write the zip.

    The same content gives the same bytes at any time.
    """
    manifest = complete(manifest, members)
    text = msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=1)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [(MANIFEST, text), *sorted(members.items())]:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def complete(manifest: Manifest, members: Mapping[str, bytes]) -> Manifest:
    """Fill in `members` and `version`, which follow from the content."""
    listed = {name: _member(content) for name, content in sorted(members.items())}
    manifest = msgspec.structs.replace(manifest, members=listed)
    # Decoded again, as it will be read: an integer in place of a float would be written differently.
    manifest = msgspec.json.decode(msgspec.json.encode(manifest), type=Manifest)
    return msgspec.structs.replace(manifest, version=version_of(manifest))


def _member(content: bytes) -> Member:
    return Member(sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def read_bundle(data: bytes, max_bytes: int) -> Bundle:
    """Check a bundle whose members inflate to `max_bytes` at most; only the manifest is kept in memory.

    Raises:
        Refused: the file is not a valid bundle; the message describes why.
    """
    _check_directory_size(data)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        _check_directory(archive.infolist())
        found = _measure(archive, max_bytes)
        if found.pop(MANIFEST, None) is None:
            raise Refused(f"the bundle has no {MANIFEST}")
        manifest = read_manifest(archive.read(MANIFEST))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error) as error:
        raise Refused(f"the bundle is not a whole zip file: {error}") from None
    _check_members(manifest, found)
    return Bundle(manifest, archive)


def _check_directory_size(data: bytes) -> None:
    """Refuse a large directory before `zipfile` builds an object for each of its entries."""
    if len(data) < _END.size:
        raise Refused("the bundle is not a whole zip file: it is too short")
    magic, *_, directory_bytes, _, comment_bytes = _END.unpack(data[-_END.size :])
    if magic != b"PK\x05\x06" or comment_bytes:
        raise Refused("the bundle is not a whole zip file: it has no end, or a comment follows it")
    if data[-_END.size - _ZIP64_LOCATOR_BYTES :].startswith(b"PK\x06\x07"):
        raise Refused("the bundle is a ZIP64 file, which is not supported")
    if directory_bytes > MAX_DIRECTORY_BYTES:
        raise Refused(f"the bundle's directory is over {MAX_DIRECTORY_BYTES} bytes")


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if foreign := set(names) - MEMBERS:
        raise Refused(f"the bundle has {len(foreign)} members other than {', '.join(sorted(MEMBERS))}")
    if len(set(names)) < len(names):
        raise Refused("the bundle has two members with the same name")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise Refused("the bundle has a member that is neither stored nor deflated")
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise Refused("the bundle's members overlap")
        end = entry.header_offset + _LOCAL_HEADER_BYTES + len(entry.filename) + entry.compress_size


def _measure(archive: zipfile.ZipFile, max_bytes: int) -> dict[str, Member]:
    """Hash every member piece by piece, and count its bytes, because headers can lie about sizes."""
    found: dict[str, Member] = {}
    left = max_bytes
    for entry in archive.infolist():
        limit = min(left, MAX_MANIFEST_BYTES) if entry.filename == MANIFEST else left
        digest, size = hashlib.sha256(), 0
        with archive.open(entry) as stream:
            while piece := stream.read(_PIECE_BYTES):
                digest.update(piece)
                size += len(piece)
                if size > limit:
                    raise Refused(f"{entry.filename} inflates to more than {limit} bytes")
        found[entry.filename] = Member(sha256=digest.hexdigest(), size=size)
        left -= size
    return found


def _check_members(manifest: Manifest, found: Mapping[str, Member]) -> None:
    if found.keys() != manifest.members.keys():
        raise Refused(f"the bundle holds {sorted(found)}, its manifest lists {sorted(manifest.members)[:9]}")
    for name, member in found.items():
        if member != manifest.members[name]:
            raise Refused(f"{name} differs from the sha256 in the manifest")
    if version_of(manifest) != manifest.version:
        raise Refused("manifest.json differs from its own version")
    if manifest.format == 1 and (PLAN in found or (ESTIMATOR in found) != (ENCODER in found)):
        raise Refused(f"a bundle of format 1 has {ENCODER} and {ESTIMATOR} or neither, and no {PLAN}")
    if manifest.format != 1 and (ENCODER in found or (ESTIMATOR in found and PLAN not in found)):
        raise Refused(f"a bundle of format {manifest.format} has no {ENCODER}, and {ESTIMATOR} with {PLAN} alone")
