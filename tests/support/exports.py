"""Exported graphs beside the bundle they were written from: rows at edges, and both predictions."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx
import pandas as pd
from msgspec import UNSET

from function.errors import BadRow
from function.model.bundle import read_bundle
from function.model.dates import write_time
from function.model.loaded import LoadedModel, load, relative_difference
from function.model.manifest import Feature, Manifest, Origin
from model_training.bundling.building import Packed, build_bundle
from model_training.data.dataset import Dataset
from model_training.exporting.graph.model import write_model
from model_training.exporting.trial import predict
from tests.integration.exact.configurations import DATES, Configuration

LIMIT = 100_000_000
ROWS = 2000
DAYS = ("0001-01-01", "1899-12-31", "1900-03-01", "1969-12-31", "2000-02-29", "2024-12-31", "9999-12-31")
UNKNOWN = "Atlantis"
Row = tuple[Any, ...]


class Difference(NamedTuple):
    """How the graph differs from the function on rows that the function predicts."""

    rows: int
    labels: int
    numbers: float


def packed_configuration(configuration: Configuration) -> tuple[Packed, pd.DataFrame]:
    """Pack a model of the exact tests; return it with the rows that it was fitted on."""
    model, X, _ = configuration.fitted()
    dates: Any = dict(zip(DATES, ("date-time", "date"), strict=True))
    chosen = {name: kind for name, kind in dates.items() if name in X}
    sample = Dataset("model", X.reset_index(drop=True), None, Origin("sample", "0" * 64, len(X)), dates=chosen)
    return build_bundle(model, sample, None, seed=0), X


def exported(data: bytes) -> tuple[onnx.ModelProto, Manifest]:
    """Export the graph of a bundle."""
    bundle = read_bundle(data, LIMIT)
    return write_model(bundle), bundle.manifest


def difference(data: bytes, X: pd.DataFrame, rows: int = ROWS) -> Difference:
    """Compare the graph of a bundle, in ONNX Runtime alone, with the function's own code, on rows at edges."""
    model, served = exported(data)[0], load(data, None, LIMIT)
    return compare(model, served, accepted_rows(served, X, rows))


def accepted_rows(served: LoadedModel, X: pd.DataFrame, rows: int) -> list[Row]:
    """Draw rows at edges, without those that the function refuses."""
    return [row for row in edge_rows(served.manifest.features, X, rows) if _accepts(served, row)]


def compare(model: onnx.ModelProto, served: LoadedModel, rows: Sequence[Row]) -> Difference:
    """Compare a graph with the function's own code."""
    found = predict(model, served.manifest, rows)
    wanted = served.predict_columns(served.schema.golden_columns(rows))
    if served.manifest.classes is None:
        return Difference(len(rows), 0, float(relative_difference(found[0], wanted.labels).max()))
    labels = sum(a != b for a, b in zip(found[0].tolist(), wanted.labels.tolist(), strict=True))
    if wanted.probabilities is None:
        return Difference(len(rows), labels, 0.0)
    return Difference(len(rows), labels, float(relative_difference(found[1], wanted.probabilities).max()))


def edge_rows(features: Sequence[Feature], X: pd.DataFrame, rows: int) -> list[Row]:
    """Draw rows of the values of each column and of those beside them, unknown and missing ones too."""
    rng = np.random.default_rng(0)
    values = [list(_values(feature, X[feature.name])) for feature in features]
    return list(
        zip(*([column[place] for place in rng.integers(len(column), size=rows)] for column in values), strict=True)
    )


def _values(feature: Feature, column: Any) -> Iterator[Any]:
    present = column.dropna()
    if feature.format is not UNSET:
        yield from (write_time(value, feature.format) for value in present)
        yield from DAYS
    elif feature.type == "number":
        numbers = present.to_numpy(dtype=np.float64)
        single = numbers.astype(np.float32)
        beside = (np.nextafter(single, np.float32(np.inf)), np.nextafter(single, np.float32(-np.inf)))
        halves = (np.sort(numbers)[1:] + np.sort(numbers)[:-1]) / 2
        for each in (numbers, single, *beside, np.nextafter(numbers, np.inf), np.nextafter(numbers, -np.inf), halves):
            yield from each.astype(np.float64).tolist()
    elif feature.categories:
        yield from feature.categories
        if feature.open:
            yield UNKNOWN if feature.type == "string" else max(feature.categories) + 1  # type: ignore[operator]
    else:
        yield from present.tolist()
    if feature.nullable:
        yield from [None] * (1 + len(present) // 8)


def _accepts(served: LoadedModel, row: Row) -> bool:
    try:
        served.predict_columns(served.schema.golden_columns([row]))
    except BadRow:
        return False
    return True
