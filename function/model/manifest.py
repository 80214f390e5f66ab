"""The manifest: the contract between training and serving, `manifest.json` of a bundle."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from function.errors import Refused
from function.model.plan.proof import Proof

FORMATS = (1, 2)
FORMAT = 2
CLASSES_OF_BINARY = 2

Task = Literal["binary", "multiclass", "regression"]
FeatureType = Literal["string", "integer", "number", "boolean", "any"]
ScoreUnit = Literal["log-odds", "class score", "value"]
Scalar = str | int | float | bool
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Name = Annotated[str, Meta(min_length=1, max_length=128)]
FeatureName = Annotated[str, Meta(min_length=1, max_length=128, pattern=r'^[^"\\\x00-\x1f]+$')]
"""Without what JSON would have to escape, which msgspec does not do for the fields of a Struct."""


class Feature(Struct, frozen=True, forbid_unknown_fields=True):
    """One column of a row, as callers name it."""

    name: FeatureName
    type: FeatureType
    categories: tuple[str | int, ...] | None = None
    """The values allowed; None where any of the type is."""
    labels: tuple[str, ...] | None = None
    """What each category means to a person, where that is more than itself."""
    nullable: bool = False
    """Whether a value may be missing: null in JSON."""
    typical: Scalar | None = None
    """The training data's mode (categories) or median (numbers)."""
    description: str = ""
    encoded: tuple[int, ...] = ()
    """The positions of its own columns in the encoded vector."""


class Linear(Struct, frozen=True, forbid_unknown_fields=True):
    """The weights of a linear estimator, over the encoded vector: a row each class, or one row."""

    coefficients: tuple[tuple[float, ...], ...]
    intercept: tuple[float, ...]
    unit: ScoreUnit = "class score"
    """What the weighted sum is: log-odds where a probability is its logistic function."""


class Wording(Struct, frozen=True, forbid_unknown_fields=True):
    """How the answers are put to a person; what is empty is put in general words."""

    question: str = ""
    """What is asked of the model, such as `Will the flight leave on time?`"""
    classes: tuple[str, ...] = ()
    """What each class says of a row, such as `leaves late`."""
    chance: str = ""
    """Binary: what the second class's probability is, such as `risk of a delay over 15 minutes`."""
    unit: str = ""
    """Regression: the unit of the value."""


class Member(Struct, frozen=True, forbid_unknown_fields=True):
    """What a file of the bundle must be, byte for byte."""

    sha256: Sha256
    size: Annotated[int, Meta(ge=0)]


class Golden(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows with the outputs that training saw; serving must give the same before it goes live."""

    rows: Annotated[tuple[tuple[Scalar | None, ...], ...], Meta(min_length=1, max_length=1000)]
    """A value each feature, in the manifest's order."""
    labels: tuple[Scalar, ...]
    probabilities: tuple[tuple[float, ...], ...] | None = None
    """A probability each class, in the order of `classes`."""


class Origin(Struct, frozen=True, forbid_unknown_fields=True):
    """The training data."""

    name: str
    sha256: Sha256
    rows: int


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a bundle is and what it promises."""

    format: Literal[1, 2] = 2
    name: Name
    version: Annotated[str, Meta(pattern="^[0-9a-f]{12}$")] = "0" * 12
    task: Task
    features: Annotated[tuple[Feature, ...], Meta(max_length=10_000)]
    """None where the model knows its inputs by position alone."""
    stages: Literal[1, 2] = 2
    """1: there is no encoding, an encoded vector is a row's values in order."""
    encoded: Annotated[tuple[str, ...], Meta(min_length=1, max_length=100_000)]
    """The names of the encoded vector's columns."""
    classes: tuple[Scalar, ...] | None = None
    threshold: float | None = None
    """Binary: the second class is the label when its probability is greater; None leaves the label
    to the estimator."""
    linear: Linear | None = None
    wording: Wording = Wording()
    created: datetime | None = None
    members: dict[str, Member] = {}
    libraries: dict[str, str] = {}
    metrics: dict[str, float] = {}
    golden: Golden | None = None
    proof: Proof | UnsetType = UNSET
    """Not there where scikit-learn itself serves the model, and in format 1, whose versions were made without it."""
    data: Origin | None = None
    git_commit: str | None = None


def read_manifest(data: bytes) -> Manifest:
    """Decode and check a manifest.

    Raises:
        Refused: saying what in it is not as it must be.
    """
    try:
        number = msgspec.json.decode(data, type=_Format).format
        if number not in FORMATS:
            known = " and ".join(map(str, FORMATS))
            newer = "; a newer deployment of the function reads it" if number > FORMAT else ""
            raise Refused(f"manifest.json has format {number}; this function reads formats {known}{newer}")
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"manifest.json is not as it must be: {error}") from None
    if manifest.golden is None:
        raise Refused("manifest.json has no golden rows")
    _refuse_contradictions(manifest)
    return manifest


def check(manifest: Manifest) -> None:
    """Check a manifest that was made rather than decoded, against its own types and itself.

    Raises:
        Refused: saying what in it is not as it must be.
    """
    try:
        msgspec.convert(msgspec.to_builtins(manifest), Manifest)
    except msgspec.ValidationError as error:
        raise Refused(f"the manifest is not as it must be: {error}") from None
    _refuse_contradictions(manifest)


def _refuse_contradictions(manifest: Manifest) -> None:
    for problem in _contradictions(manifest):
        raise Refused(f"the manifest contradicts itself: {problem}")


class _Format(Struct):
    format: int


def _contradictions(manifest: Manifest) -> list[str]:
    names = [feature.name for feature in manifest.features]
    width = len(manifest.encoded)
    golden, classes, wording = manifest.golden, manifest.classes, manifest.wording
    rows = golden.rows if golden else ()
    labels = golden.labels if golden else ()
    probabilities = golden.probabilities if golden else None
    checks = {
        "two features have one name": len(set(names)) < len(names),
        "a feature owns an encoded column that is not there": any(
            not 0 <= column < width for feature in manifest.features for column in feature.encoded
        ),
        "classes go with binary and multiclass": (classes is None) != (manifest.task == "regression"),
        "a binary model has two classes": manifest.task == "binary" and len(classes or ()) != CLASSES_OF_BINARY,
        "a golden row has a value each feature": any(len(row) != len(names) for row in rows),
        "golden rows have a label each": len(labels) != len(rows),
        "golden rows have probabilities each": probabilities is not None and len(probabilities) != len(rows),
        "a category has a label each": any(
            feature.labels is not None and len(feature.labels) != len(feature.categories or ())
            for feature in manifest.features
        ),
        "wording names each class": bool(wording.classes) and len(wording.classes) != len(classes or ()),
        "a linear model has a weight each encoded column, and an intercept each row of them": not _fits(manifest),
    }
    return [problem for problem, wrong in checks.items() if wrong]


def _fits(manifest: Manifest) -> bool:
    linear, width = manifest.linear, len(manifest.encoded)
    rows = len(manifest.classes or ()) if manifest.task == "multiclass" else 1
    return linear is None or (
        len(linear.coefficients) == len(linear.intercept) == rows
        and all(len(weights) == width for weights in linear.coefficients)
    )
