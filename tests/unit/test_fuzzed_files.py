"""Model files changed at random: each is refused, or is a model."""

import json
import random
from typing import Any

import pytest

from function.errors import Refused
from function.model.bundle import ESTIMATOR, JOBLIB, PLAN, read_bundle, write_bundle
from function.model.loaded import load
from model_training.bundling.building import Packed
from tests.support.bad_files import dumped, members, zipped
from tests.support.foreign_models import MODELS
from tests.support.fuzz import mutated_bytes, mutated_json, numbers

LIMIT = 20_000_000
SMALL_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1,
    2**40,
    1e300,
    0.5,
    "",
    "x",
    "number",
    [],
    {},
    [0],
    [[0.5]],
    {"type": "block"},
)


def outcome(data: bytes) -> str:
    """Load a file; anything but a refusal or a model is an error."""
    try:
        load(data, None, LIMIT, "fuzzed")
    except Refused as error:
        return str(error)
    return "a model"


def test_changed_bytes_of_a_bundle_are_refused(packed: Packed) -> None:
    """Whichever they are: checksums, sizes and hashes are checked."""
    dice = random.Random(1)  # noqa: S311 (repeatable)
    outcomes = {outcome(mutated_bytes(packed.data, dice)) for _ in numbers()}
    assert len(outcomes) > 3


@pytest.mark.parametrize("name", ["flights", "boosted"])
def test_a_changed_plan_with_the_right_hashes_is_refused_or_a_model(name: str, packed: Packed, boosted: Packed) -> None:
    """Whatever its document says."""
    bundle = read_bundle((packed if name == "flights" else boosted).data, LIMIT)
    files = {member: bundle.read(member) for member in bundle.manifest.members if member in {PLAN, ESTIMATOR}}
    plan = json.loads(files[PLAN])
    dice = random.Random(2)  # noqa: S311 (repeatable)
    for _ in numbers():
        changed = json.dumps(mutated_json(plan, dice, SMALL_VALUES)).encode()
        outcome(write_bundle(bundle.manifest, {**files, PLAN: changed}))


def test_a_changed_manifest_is_refused_or_a_model(packed: Packed) -> None:
    """Its own version is checked last, so whatever reads it before must bear it."""
    files = members(packed)
    manifest = json.loads(files["manifest.json"])
    dice = random.Random(3)  # noqa: S311 (repeatable)
    for _ in numbers():
        changed = json.dumps(mutated_json(manifest, dice, SMALL_VALUES)).encode()
        outcome(zipped({**files, "manifest.json": changed}))


@pytest.mark.parametrize("compress", [0, 3])
@pytest.mark.parametrize("name", ["multiclass", "regression"])
def test_changed_bytes_of_a_joblib_file_are_refused_or_a_model(name: str, compress: int) -> None:
    """A change of a number is a model of another number; no other failure leaves the reader."""
    data = dumped(MODELS[name]().model, compress)
    dice = random.Random(4)  # noqa: S311 (repeatable)
    outcomes = {outcome(mutated_bytes(data, dice)) for _ in numbers()}
    assert len(outcomes) > 1


def test_changed_bytes_in_a_bundle_with_the_right_hashes_are_refused_or_a_model(packed: Packed) -> None:
    """The pipeline that scikit-learn serves."""
    bundle = read_bundle(packed.data, LIMIT)
    pipeline = bundle.read(JOBLIB)
    dice = random.Random(5)  # noqa: S311 (repeatable)
    for _ in numbers():
        outcome(write_bundle(bundle.manifest, {JOBLIB: mutated_bytes(pipeline, dice)}))
