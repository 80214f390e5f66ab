"""function/model/bundle.py and manifest.py: what is written is read, what is not whole is refused."""

import io
import json
import random
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from function.errors import Refused
from function.model.bundle import (
    ENCODER,
    ESTIMATOR,
    JOBLIB,
    MANIFEST,
    PLAN,
    REPORT,
    is_bundle,
    read_bundle,
    write_bundle,
)
from model_training.bundling.building import Packed
from tests.support import variants
from tests.support.bad_files import flipped, overlapping, twice, with_manifest, zip64, zipped
from tests.support.bad_files import members as members_of

LIMIT = 10_000_000
FORMAT_1 = Path(__file__).parents[1] / "support" / "format_1.zip"


@pytest.fixture(scope="session")
def members(packed: Packed) -> dict[str, bytes]:
    """The files of a good bundle."""
    return members_of(packed)


def every_member(data: bytes) -> dict[str, bytes]:
    """Return the files of a bundle, its manifest among them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def reason(data: bytes, limit: int = LIMIT) -> str:
    """Read what must be refused."""
    with pytest.raises(Refused) as caught:
        read_bundle(data, limit)
    return str(caught.value)


def test_what_was_written_is_read(packed: Packed) -> None:
    """Manifest and members come back as they were."""
    assert is_bundle(packed.data)
    bundle = read_bundle(packed.data, LIMIT)
    assert bundle.manifest == packed.manifest
    assert all(bundle.read(name) for name in packed.manifest.members)


def test_the_same_content_gives_the_same_bytes(packed: Packed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock leaves no trace in the zip."""
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    assert write_bundle(packed.manifest, variants.members(packed)) == packed.data


def test_the_report_is_no_part_of_the_version(packed: Packed) -> None:
    """A nicer report does not make another model."""
    data = write_bundle(packed.manifest, {**variants.members(packed), REPORT: b"<p>"})
    assert read_bundle(data, LIMIT).manifest.version == packed.manifest.version


def test_another_member_makes_another_version(packed: Packed) -> None:
    """Every other file is part of what the version stands for."""
    data = write_bundle(packed.manifest, {**variants.members(packed), "model.joblib": b"other"})
    assert read_bundle(data, LIMIT).manifest.version != packed.manifest.version


def test_a_truncated_file_is_refused(packed: Packed) -> None:
    """Wherever it ends."""
    for end in range(0, len(packed.data), 97):
        assert "not a whole zip file" in reason(packed.data[:end])


def test_a_flipped_byte_is_refused_in_each_member(packed: Packed) -> None:
    """Whichever file of the bundle it is in."""
    for name in members_of(packed):
        assert reason(flipped(packed, name))


def test_any_flipped_byte_is_refused_or_harmless(packed: Packed) -> None:
    """Nothing but a refusal comes out of a damaged file, or the very same model."""
    chance = random.Random(0)  # noqa: S311 (no secret)
    for _ in range(1000):
        data = bytearray(packed.data)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            assert read_bundle(bytes(data), LIMIT).manifest == packed.manifest
        except Refused:
            continue


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 99])
def test_another_compression_is_refused(packed: Packed, method: int) -> None:
    """Whether a member is compressed so, or a damaged byte says it is."""
    data = bytearray(packed.data)
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 10 : entry + 12] = method.to_bytes(2, "little")
    assert "neither stored nor deflated" in reason(bytes(data))


def test_a_member_with_another_hash_is_refused(members: dict[str, bytes]) -> None:
    """Also where the zip itself is whole."""
    assert "plan.json differs" in reason(zipped({**members, "plan.json": b"other"}))


@pytest.mark.parametrize("name", ["extra.txt", "../model.joblib", "/etc/passwd", "MODEL.JOBLIB"])
def test_a_foreign_member_is_refused(members: dict[str, bytes], name: str) -> None:
    """The members' names are a fixed set, and the foreign name is not repeated."""
    why = reason(zipped({**members, name: b""}))
    assert "members other than" in why
    assert name not in why


def test_two_members_of_one_name_are_refused(packed: Packed) -> None:
    """Else two readers could see two models."""
    assert "two members with the same name" in reason(twice(packed))


def test_overlapping_members_are_refused(packed: Packed) -> None:
    """Two entries of the directory can't share their bytes."""
    assert reason(overlapping(packed))


@pytest.mark.parametrize("name", [MANIFEST, JOBLIB, PLAN, ESTIMATOR, ENCODER])
def test_a_missing_member_is_refused(packed: Packed, boosted: Packed, name: str) -> None:
    """The manifest says what there must be; only a bundle of format 1 has a graph of its encoder."""
    whole = {ENCODER: FORMAT_1.read_bytes(), ESTIMATOR: boosted.data}.get(name, packed.data)
    members = every_member(whole)
    assert name in members
    assert name in reason(zipped({kept: content for kept, content in members.items() if kept != name}))


@pytest.mark.parametrize("change", [PLAN, ENCODER, ESTIMATOR])
def test_members_of_another_format_are_refused(packed: Packed, change: str) -> None:
    """A plan beside the graph of an encoder, a graph of an estimator without its plan."""
    members = {name: content for name, content in every_member(packed.data).items() if name not in (MANIFEST, PLAN)}
    manifest = packed.manifest
    if change == PLAN:
        manifest, members = msgspec.structs.replace(manifest, format=1), {**members, PLAN: b"{}"}
    assert "a bundle of format" in reason(write_bundle(manifest, {**members, change: b"{}"}))


def test_what_inflates_too_far_is_refused(members: dict[str, bytes]) -> None:
    """Bytes are counted as they come out."""
    assert "inflates to more than" in reason(zipped({**members, "model.joblib": bytes(LIMIT)}))


def test_a_lying_size_is_refused(packed: Packed) -> None:
    """A directory that says a member is small does not make it so."""
    data = bytearray(zipped({"model.joblib": bytes(LIMIT * 2)}))
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<L", 10)
    assert reason(bytes(data))


def test_a_huge_directory_is_refused_unread() -> None:
    """A million entries cost no memory."""
    data = zipped({f"{i:060}": b"" for i in range(100)})
    assert "directory is over" in reason(data)


def test_the_directory_of_a_zip64_file_is_refused(packed: Packed) -> None:
    """Its end record overrides the other one, whose size was checked."""
    assert "ZIP64" in reason(zip64(packed))


def test_a_comment_behind_the_directory_is_refused(packed: Packed) -> None:
    """The end record is the last thing in the file."""
    data = bytearray(packed.data)
    data[-2:] = b"\x03\x00"
    assert "comment" in reason(bytes(data) + b"abc")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 3}, "has format 3; this function reads formats 1 and 2; a newer deployment"),
        ({"format": "x"}, "manifest.json is invalid"),
        ({"task": "ranking"}, "manifest.json is invalid"),
        ({"surprise": 1}, "manifest.json is invalid"),
        ({"name": "another"}, "differs from its own version"),
        ({"classes": None}, "contradicts itself"),
        ({"classes": [0, 1, 2]}, "contradicts itself"),
        ({"encoded": ["one"]}, "contradicts itself"),
        ({"features": []}, "contradicts itself"),
        ({"golden": None}, "has no golden rows"),
    ],
)
def test_a_manifest_that_is_not_one_is_refused(packed: Packed, change: dict[str, Any], words: str) -> None:
    """Unknown formats, unknown fields, and fields that contradict each other."""
    assert words in reason(with_manifest(packed, **change))


@pytest.mark.parametrize(
    "change",
    [
        lambda features: [*features, features[0]],
        lambda features: features[:-1],
    ],
)
def test_features_that_do_not_fit_are_refused(packed: Packed, change: Callable[[list[Any]], list[Any]]) -> None:
    """Two of one name, or fewer than a golden row has values."""
    features = json.loads(members_of(packed)["manifest.json"])["features"]
    assert "contradicts itself" in reason(with_manifest(packed, features=change(features)))


@pytest.mark.parametrize("text", [b"", b"[", b"[" * 100_000, b'{"format":1', b"\xff", b"null"])
def test_a_manifest_that_is_no_json_is_refused(members: dict[str, bytes], text: bytes) -> None:
    """Whatever it is instead."""
    assert "manifest.json" in reason(zipped({**members, "manifest.json": text}))
