"""Model files that must not be served, each with what its refusal speaks of."""

import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import joblib
import msgspec
import numpy as np

from function.model.bundle import JOBLIB, read_bundle, write_bundle
from function.model.manifest import Manifest
from model_training.bundling.building import Packed
from tests.support.sharing import made_once

LIMIT = 100_000_000
MAX_MODEL_BYTES = 256 * 2**20
BOMB_PIECES, BOMB_PIECE_BYTES = 320, 2**24
"""5 GiB together."""


class RunsCode:
    """Pickles as a call of `os.system`."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Name what is to be called."""
        return os.system, ("touch /tmp/taxiway-was-here",)


def members(packed: Packed) -> dict[str, bytes]:
    """Return all files of a bundle."""
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Zip files as anybody could."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def flipped(packed: Packed, name: str) -> bytes:
    """Flip a byte in the middle of one member."""
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        entry = archive.getinfo(name)
    data = bytearray(packed.data)
    data[entry.header_offset + 30 + len(name) + entry.compress_size // 2] ^= 0xFF
    return bytes(data)


def with_manifest(packed: Packed, **changes: Any) -> bytes:
    """Change the manifest's text, as nobody who packs would."""
    files = members(packed)
    manifest = {**json.loads(files["manifest.json"]), **changes}
    return zipped({**files, "manifest.json": json.dumps(manifest).encode()})


def with_other_golden_rows(packed: Packed) -> bytes:
    """Make a whole bundle whose model does not predict what it promises."""
    bundle = read_bundle(packed.data, LIMIT)
    files = {name: bundle.read(name) for name in packed.manifest.members}
    manifest = json.loads(members(packed)["manifest.json"])
    manifest["golden"]["labels"][0] = 1 - manifest["golden"]["labels"][0]
    return write_bundle(msgspec.convert(manifest, Manifest), files)


def only_joblib(packed: Packed, content: bytes) -> bytes:
    """Make a whole bundle of scikit-learn's engine with another pickle in it."""
    return write_bundle(packed.manifest, {JOBLIB: content})


def dumped(content: Any, compress: int = 0) -> bytes:
    """Write a joblib file."""
    buffer = io.BytesIO()
    joblib.dump(content, buffer, compress=compress)
    return buffer.getvalue()


def twice(packed: Packed) -> bytes:
    """Put a second file under a name that is there."""
    other = {"model.jobliX": b"second", **members(packed)}
    return zipped(other).replace(b"model.jobliX", b"model.joblib")


def overlapping(packed: Packed) -> bytes:
    """Make two entries of the directory point to one place."""
    data = bytearray(packed.data)
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    return bytes(data)


def zip64(packed: Packed) -> bytes:
    """Hide a directory of 50,000 entries behind an end record that has a small one."""
    files = members(packed)
    crowd = zipped({**files, **{f"{number:05}": b"" for number in range(50_000)}})
    directory_bytes, directory_at = struct.unpack("<2L", crowd[-10:-2])
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 9, 9, directory_bytes, directory_at)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(crowd) - 22, 1)
    return crowd[:-22] + record + locator + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, 1000, directory_at, 0)


def bomb(_: Packed) -> bytes:
    """Zip 5 GiB of zeros, which takes a while."""
    return made_once("bomb.zip", _bomb).read_bytes()


def _bomb() -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(JOBLIB, "w", force_zip64=True) as stream,
    ):
        for _piece in range(BOMB_PIECES):
            stream.write(bytes(BOMB_PIECE_BYTES))
    return buffer.getvalue()


def joblib_bomb(_: Packed) -> bytes:
    """Compress a pickle of 400 MB into a few hundred KB."""
    return zlib.compress(dumped(np.zeros(50_000_000)), 9)


def large_noise(_: Packed) -> bytes:
    """Make a zip as large as is allowed, of one incompressible member with a wrong hash."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(JOBLIB, os.urandom(2**20) * 255)
    return buffer.getvalue()


BAD_FILES: dict[str, tuple[Callable[[Packed], bytes], str]] = {
    "empty": (lambda _: b"", "not one of joblib's|cut short|empty"),
    "truncated": (lambda p: p.data[:-100], "not a whole zip file"),
    "flipped manifest": (lambda p: flipped(p, "manifest.json"), "not a whole zip file"),
    "flipped joblib": (lambda p: flipped(p, "model.joblib"), "not a whole zip file"),
    "flipped plan": (lambda p: flipped(p, "plan.json"), "not a whole zip file"),
    "flipped report": (lambda p: flipped(p, "report.html"), "not a whole zip file"),
    "wrong hash": (lambda p: zipped({**members(p), "plan.json": b"x"}), "plan.json differs"),
    "unknown format": (lambda p: with_manifest(p, format=99), "has format 99; this function reads formats 1 and 2"),
    "foreign name": (lambda p: zipped({**members(p), "run.py": b""}), "members other than"),
    "path upwards": (lambda p: zipped({**members(p), "../model.joblib": b""}), "members other than"),
    "twice": (twice, "two members with the same name"),
    "overlapping": (overlapping, "overlap|not a whole zip file"),
    "directory of ZIP64": (zip64, "is a ZIP64 file"),
    "other golden rows": (with_other_golden_rows, "other labels than in training"),
    "bomb": (bomb, "inflates to more than"),
    "large noise": (large_noise, "has no manifest.json"),
    "too large": (lambda _: bytes(MAX_MODEL_BYTES + 1), "over MAX_MODEL_BYTES"),
    "code in a bare joblib": (lambda _: dumped(RunsCode()), "system, which is not on the list"),
    "code in a bundle": (lambda p: only_joblib(p, dumped(RunsCode())), "system, which is not on the list"),
    "bare joblib bomb": (joblib_bomb, "more than"),
    "joblib bomb in a bundle": (lambda p: only_joblib(p, joblib_bomb(p)), "more than"),
    "no model": (lambda _: dumped({"a": 1}), "no fitted classifier or regressor"),
    "text": (lambda _: b"hello", "not one of joblib's"),
}
