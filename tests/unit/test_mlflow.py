"""Bodies of MLflow's scoring server that no client of its own sends."""

import msgspec
import pytest

from function.errors import BadInput
from function.model.loaded import load
from function.model.manifest import Feature
from function.model.schema import Schema
from function.protocols import mlflow
from model_training.bundling.building import Packed


def test_inputs_without_a_column_are_refused_even_if_every_feature_may_be_absent(packed: Packed) -> None:
    """Nothing says how many rows there are."""
    flights = load(packed.data, None, 10**8)
    features = (Feature(name="note", type="string", default="none"), Feature(name="size", type="number", default=1.0))
    manifest = msgspec.structs.replace(flights.manifest, features=features)
    model = msgspec.structs.replace(flights, manifest=manifest, schema=Schema(manifest, {}))
    with pytest.raises(BadInput, match=r"^inputs: expected lists of the same length"):
        mlflow.decode(b'{"inputs":{}}', model)
    assert mlflow.decode(b'{"inputs":{"size":[2.0,3.0]}}', model).rows == 2
