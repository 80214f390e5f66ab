"""Record how the cells of a table were read, for the manifest."""

from collections.abc import Iterable, Mapping

from msgspec import UNSET, UnsetType

from function.model import manifest
from model_training.data.cells.dates import DateNotation
from model_training.data.cells.formats import NumberFormat
from model_training.data.cells.reading import Cells, Reading

USUAL = manifest.CellReading()


def recorded(reading: Reading, columns: Mapping[str, Cells], features: Iterable[str]) -> manifest.Reading | UnsetType:
    """Return what another table of the same features must be read by; unset if that is nothing."""
    found = {name: _recorded(reading, name, columns[name]) for name in features}
    unusual = {name: each for name, each in found.items() if each != USUAL}
    return manifest.Reading(tuple(sorted(reading.missing)), unusual) if reading.missing or unusual else UNSET


def _recorded(reading: Reading, name: str, cells: Cells) -> manifest.CellReading:
    kind, notation = reading.kinds.get(name), cells.notation
    return manifest.CellReading(
        kind=UNSET if kind is None or kind == "drop" else kind,
        decimal=notation.decimal if isinstance(notation, NumberFormat) and _can_be_misread(notation) else UNSET,
        date_order=notation.order if isinstance(notation, DateNotation) and notation.order != "year" else UNSET,
    )


def _can_be_misread(notation: NumberFormat) -> bool:
    return notation.decimal == "," or notation.thousands != ""
