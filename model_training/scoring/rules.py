"""How to read the cells of each feature: as those of the training data, unless an option says otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from msgspec import UNSET

from function.model import manifest as manifests
from function.model.manifest import CellReading, Manifest
from model_training.data.cells.dates import DateNotation
from model_training.data.cells.formats import DecimalMark, NumberFormat
from model_training.data.cells.reading import Options, Reading

Notation = NumberFormat | DateNotation


@dataclass(frozen=True)
class CellRules:
    """How to read the cells of a table."""

    options: Mapping[str, Options] = field(default_factory=dict)
    """For each feature, the words that mean a missing value, its kind, and how to read what can be read in two ways."""
    notations: Mapping[str, Notation] = field(default_factory=dict)
    """The notations of dates, and of numbers that are not plain."""


def options_of(manifest: Manifest, given: Reading, usual: DecimalMark) -> dict[str, Options]:
    """Return how to read the cells of each feature: the options of the command come first.

    Args:
        manifest: the model's manifest, with how the training data were read.
        given: the options of the command.
        usual: the decimal mark to assume of numbers such as 1,234.
    """
    trained = manifest.reading or manifests.Reading()
    missing = given.missing or frozenset(trained.missing)
    return {
        feature.name: replace(
            _options(feature.name, missing, given, trained.columns.get(feature.name, CellReading())), usual=usual
        )
        for feature in manifest.features
    }


def _options(name: str, missing: frozenset[str], given: Reading, trained: CellReading) -> Options:
    return Options(
        name,
        missing,
        None if trained.kind is UNSET else trained.kind,
        given.decimal or (None if trained.decimal is UNSET else trained.decimal),
        date_order=given.date_order or (None if trained.date_order is UNSET else trained.date_order),
    )
