"""The manifest: the contract between training and serving, `manifest.json` of a bundle."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from function.errors import Refused
from function.model.dates import DateFormat
from function.model.plan.proof import Proof

FORMATS = (1, 2)
FORMAT = 2
CLASSES_OF_BINARY = 2

Task = Literal["binary", "multiclass", "regression"]
"""The tasks of one target, whose models can be trained, evaluated and compiled here."""
OtherTask = Literal["outlier", "cluster", "multioutput-regression", "multioutput-classification"]
"""The tasks whose models are served by scikit-learn, without an evaluation."""
OUTLIER_LABELS = (-1, 1)
"""What scikit-learn's outlier detectors predict: -1 for an outlier, 1 for an inlier."""
SEVERAL = ("multioutput-regression", "multioutput-classification")
WITHOUT_CLASSES = ("regression", *SEVERAL)
FeatureType = Literal["string", "integer", "number", "boolean", "any"]
Unknown = Literal["open", "closed"]
"""How a model treats unknown categories: as it was fitted to treat them, or by refusing them."""
UnknownFields = Literal["ignore", "refuse"]
ScoreUnit = Literal["log-odds", "class score", "value"]
Scalar = str | int | float | bool
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
MAX_NAME_LENGTH = 128
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH)]
FeatureName = Annotated[str, Meta(min_length=1, max_length=128, pattern=r'^[^"\\\x00-\x1f]+$')]
"""Without characters that JSON escapes: msgspec does not escape the field names of a Struct."""


class Feature(Struct, frozen=True, forbid_unknown_fields=True):
    """One column of a row, as callers name it."""

    name: FeatureName
    type: FeatureType
    categories: tuple[str | int, ...] | None = None
    """The values that the model knows; None if it knows no particular values."""
    labels: tuple[str, ...] | None = None
    """What each category means, for people; None if the categories speak for themselves."""
    nullable: bool = False
    """Whether a value may be missing: null in JSON."""
    typical: Scalar | None = None
    """The training data's mode (categories) or median (numbers)."""
    description: str = ""
    format: DateFormat | UnsetType = UNSET
    """For text: dates, or dates with a time, in ISO 8601."""
    encoded: tuple[int, ...] = ()
    """The positions of the encoded columns that depend on this feature."""
    unknown: Unknown | UnsetType = UNSET
    """What happens to a value that is not among the categories; if unset, it is refused."""
    default: Scalar | UnsetType = UNSET
    """The value of a row that lacks the feature; if unset, the feature is required unless it is nullable."""

    @property
    def closed(self) -> bool:
        """Whether only the categories are allowed."""
        return bool(self.categories) and self.unknown != "open"

    @property
    def open(self) -> bool:
        """Whether other values than the categories are allowed."""
        return bool(self.categories) and not self.closed

    @property
    def optional(self) -> bool:
        """Whether a row may lack the feature."""
        return self.nullable or self.default is not UNSET

    @property
    def absent(self) -> Scalar | None:
        """The value of a row that lacks the feature, which must be optional."""
        return None if isinstance(self.default, UnsetType) else self.default


class Linear(Struct, frozen=True, forbid_unknown_fields=True):
    """The weights of a linear estimator for the encoded vector: one row for each class, or one row."""

    coefficients: tuple[tuple[float, ...], ...]
    intercept: tuple[float, ...]
    unit: ScoreUnit = "class score"
    """The unit of the weighted sum: log-odds if its logistic function is the probability."""


class Target(Struct, frozen=True, forbid_unknown_fields=True):
    """What the model predicts: the column of the training data, and what it means."""

    name: Annotated[str, Meta(min_length=1)]
    description: str = ""


class Wording(Struct, frozen=True, forbid_unknown_fields=True):
    """How predictions are worded for people; an empty field gets a general wording."""

    question: str = ""
    """The question that the model answers, such as `Will the flight leave on time?`"""
    classes: tuple[str, ...] = ()
    """What each class means for a row, such as `leaves late`; empty text for a class that is not described."""
    chance: str = ""
    """Binary: what the probability of the second class means, such as `risk of a delay over 15 minutes`."""
    unit: str = ""
    """Regression: the unit of the value."""


class Output(Struct, frozen=True, forbid_unknown_fields=True):
    """One of several values that a model predicts for each row."""

    name: Name
    classes: Annotated[tuple[Scalar, ...], Meta(min_length=1)] | UnsetType = UNSET
    """The classes of a classification; unset for a regression."""


class CellReading(Struct, frozen=True, forbid_unknown_fields=True):
    """How the cells of one column of the training data were read."""

    kind: Literal["number", "category", "text", "boolean", "date"] | UnsetType = UNSET
    """The kind that the user named; cells that are not of it count as missing, but for text and categories."""
    decimal: Literal[".", ","] | UnsetType = UNSET
    """The decimal mark of numbers that are not plain."""
    date_order: Literal["month", "day"] | UnsetType = UNSET
    """What comes first in dates that do not begin with the year."""


class Reading(Struct, frozen=True, forbid_unknown_fields=True):
    """How the cells of the training data were read, so that another table is read in the same way."""

    missing: tuple[str, ...] = ()
    """Words that mean a missing value, besides an empty cell."""
    columns: dict[str, CellReading] = {}
    """The features that were not read in the usual way."""


class Member(Struct, frozen=True, forbid_unknown_fields=True):
    """The hash and the size of a file in the bundle."""

    sha256: Sha256
    size: Annotated[int, Meta(ge=0)]


class Golden(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows with the outputs that training computed; a model that predicts anything else is refused."""

    rows: Annotated[tuple[tuple[Scalar | None, ...], ...], Meta(min_length=1, max_length=1000)]
    """For each row, one value for each feature, in the manifest's order."""
    labels: tuple[Scalar | tuple[Scalar, ...], ...]
    """For each row, the label or value; of a model with several outputs, one for each."""
    probabilities: tuple[tuple[float, ...], ...] | None = None
    """For each row, one probability for each class, in the order of `classes`."""
    scores: tuple[float, ...] | UnsetType = UNSET
    """For each row, the score of an outlier detector."""


class Origin(Struct, frozen=True, forbid_unknown_fields=True):
    """The name, hash and size of the training data."""

    name: str
    sha256: Sha256
    rows: int


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that serving must know of a bundle."""

    format: Literal[1, 2] = 2
    name: Name
    version: Annotated[str, Meta(pattern="^[0-9a-f]{12}$")] = "0" * 12
    task: Task | OtherTask
    features: Annotated[tuple[Feature, ...], Meta(max_length=10_000)]
    """Empty if the model knows its inputs by position only."""
    unknown_fields: UnknownFields | UnsetType = UNSET
    """What happens to a row's fields that are not features; if unset, the row is refused."""
    stages: Literal[1, 2] = 2
    """With 1 there is no encoding: an encoded vector is a row's values in order."""
    encoded: Annotated[tuple[str, ...], Meta(min_length=1, max_length=100_000)]
    """The names of the encoded vector's columns."""
    classes: tuple[Scalar, ...] | None = None
    """The labels of a model with one output; of clusters, their numbers."""
    outputs: Annotated[tuple[Output, ...], Meta(min_length=1, max_length=10_000)] | UnsetType = UNSET
    """The outputs of a model that predicts several values for each row."""
    target: Target | UnsetType = UNSET
    title: str | UnsetType = UNSET
    """The title of the page and of the API documentation; unset, they use the wording's question or the name."""
    threshold: float | None = None
    """Binary: the second class is predicted if its probability is above this; with None the estimator decides."""
    linear: Linear | None = None
    wording: Wording = Wording()
    created: datetime | None = None
    members: dict[str, Member] = {}
    libraries: dict[str, str] = {}
    metrics: dict[str, float] = {}
    golden: Golden | None = None
    proof: Proof | UnsetType = UNSET
    """Unset if scikit-learn itself serves the model, and in format 1, whose versions are computed without it."""
    data: Origin | None = None
    reading: Reading | UnsetType = UNSET
    """Unset if every cell was read in the usual way."""
    git_commit: str | None = None

    @property
    def predicted_outputs(self) -> tuple[Output, ...]:
        """The outputs of a model that predicts several values for each row; empty for all other models."""
        return self.outputs or ()


def read_manifest(data: bytes) -> Manifest:
    """Decode and check a manifest.

    Raises:
        Refused: the manifest is invalid; the message describes where.
    """
    try:
        number = msgspec.json.decode(data, type=_Format).format
        if number not in FORMATS:
            known = " and ".join(map(str, FORMATS))
            newer = "; a newer deployment of the function reads it" if number > FORMAT else ""
            raise Refused(f"manifest.json has format {number}; this function reads formats {known}{newer}")
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"manifest.json is invalid: {error}") from None
    if manifest.golden is None:
        raise Refused("manifest.json has no golden rows")
    _refuse_contradictions(manifest)
    return manifest


def check(manifest: Manifest) -> None:
    """Check a manifest that was built rather than decoded: its types, and that it does not contradict itself.

    Raises:
        Refused: the manifest is invalid; the message describes where.
    """
    try:
        msgspec.convert(msgspec.to_builtins(manifest), Manifest)
    except msgspec.ValidationError as error:
        raise Refused(f"the manifest is invalid: {error}") from None
    _refuse_contradictions(manifest)


def _refuse_contradictions(manifest: Manifest) -> None:
    for problem in _contradictions(manifest):
        raise Refused(f"the manifest contradicts itself: {problem}")


class _Format(Struct):
    format: int


def _contradictions(manifest: Manifest) -> list[str]:
    names = [feature.name for feature in manifest.features]
    width = len(manifest.encoded)
    golden, classes, wording, outputs = manifest.golden, manifest.classes, manifest.wording, manifest.predicted_outputs
    rows = golden.rows if golden else ()
    labels = golden.labels if golden else ()
    probabilities = golden.probabilities if golden else None
    checks = {
        "two features have the same name": len(set(names)) < len(names),
        "a feature lists an encoded column that does not exist": any(
            not 0 <= column < width for feature in manifest.features for column in feature.encoded
        ),
        "classifiers must list classes, and regressions none": (classes is None) != (manifest.task in WITHOUT_CLASSES),
        "an outlier detector must have the classes -1 and 1": manifest.task == "outlier" and classes != OUTLIER_LABELS,
        "models with several outputs must list them, and others none": bool(outputs) != (manifest.task in SEVERAL),
        "two outputs have the same name": len({output.name for output in outputs}) < len(outputs),
        "each output of a classification must list classes, and of a regression none": any(
            (output.classes is UNSET) != (manifest.task == "multioutput-regression") for output in outputs
        ),
        "a golden row must have one label for each output": any(
            len(label if isinstance(label, tuple) else (label,)) != (len(outputs) or 1) for label in labels
        ),
        "the golden rows of an outlier detector, and no others, must have scores": golden is not None
        and len(golden.scores or ()) != (len(rows) if manifest.task == "outlier" else 0),
        "a binary model must have two classes": manifest.task == "binary" and len(classes or ()) != CLASSES_OF_BINARY,
        "a golden row must have one value for each feature": any(len(row) != len(names) for row in rows),
        "the golden rows must have one label each": len(labels) != len(rows),
        "the golden rows must have probabilities each": probabilities is not None and len(probabilities) != len(rows),
        "a feature of dates must be text without categories": any(
            feature.format is not UNSET and (feature.type != "string" or feature.categories is not None)
            for feature in manifest.features
        ),
        "a feature with labels must have one for each category": any(
            feature.labels is not None and len(feature.labels) != len(feature.categories or ())
            for feature in manifest.features
        ),
        "a default must be one of the feature's values": any(
            feature.default is not UNSET and feature.closed and feature.default not in (feature.categories or ())
            for feature in manifest.features
        ),
        "the wording must name each class": bool(wording.classes) and len(wording.classes) != len(classes or ()),
        "a linear model must have a weight for each encoded column, and an intercept for each row": not _fits(manifest),
    }
    return [problem for problem, wrong in checks.items() if wrong]


def _fits(manifest: Manifest) -> bool:
    linear, width = manifest.linear, len(manifest.encoded)
    rows = len(manifest.classes or ()) if manifest.task == "multiclass" else 1
    return linear is None or (
        len(linear.coefficients) == len(linear.intercept) == rows
        and all(len(weights) == width for weights in linear.coefficients)
    )
