"""function/model/loaded.py: a model goes live only when it gives what training saw."""

import msgspec
import numpy as np
import pytest

from function.errors import Refused
from function.model.bundle import ENCODER, ESTIMATOR, read_bundle, write_bundle
from function.model.loaded import load
from function.model.manifest import Golden, Manifest
from model_training.bundling.building import Packed

LIMIT = 10_000_000


def repacked(packed: Packed, manifest: Manifest | None = None, estimator: bytes | None = None) -> bytes:
    """Make a whole and well-hashed bundle with something else in it."""
    bundle = read_bundle(packed.data, LIMIT)
    members = {name: bundle.read(name) for name in packed.manifest.members}
    return write_bundle(manifest or packed.manifest, {**members, ESTIMATOR: estimator or members[ESTIMATOR]})


def golden_of(packed: Packed) -> Golden:
    """Return the golden rows, which every bundle has."""
    assert packed.manifest.golden is not None
    return packed.manifest.golden


def reason(data: bytes) -> str:
    """Load what must be refused."""
    with pytest.raises(Refused) as caught:
        load(data, None, LIMIT)
    return str(caught.value)


def with_golden(packed: Packed, golden: Golden) -> bytes:
    """Repack with other golden rows."""
    return repacked(packed, msgspec.structs.replace(packed.manifest, golden=golden))


def test_a_model_predicts_its_golden_rows(packed: Packed) -> None:
    """Labels and probabilities are those that scikit-learn gave in training."""
    model = load(packed.data, 7, LIMIT)
    golden = golden_of(packed)
    outputs = model.predict_columns(model.schema.golden_columns(golden.rows))
    assert tuple(outputs.labels.tolist()) == golden.labels
    assert outputs.probabilities is not None
    assert golden.probabilities is not None
    np.testing.assert_allclose(outputs.probabilities, golden.probabilities, atol=1e-5)
    assert (model.generation, model.version) == (7, packed.manifest.version)


def test_no_rows_give_no_predictions(packed: Packed) -> None:
    """The engine is not asked about nothing."""
    model = load(packed.data, None, LIMIT)
    outputs = model.predict_columns(model.schema.columns([]))
    assert outputs.labels.tolist() == []


def test_a_threshold_moves_the_label(packed: Packed) -> None:
    """The second class is the label where its probability is greater than the threshold."""
    golden = golden_of(packed)
    assert golden.probabilities is not None
    never = msgspec.structs.replace(golden, labels=(0,) * len(golden.labels))
    manifest = msgspec.structs.replace(packed.manifest, threshold=0.999, golden=never)
    model = load(repacked(packed, manifest), None, LIMIT)
    outputs = model.predict_columns(model.schema.golden_columns(golden.rows))
    assert set(outputs.labels.tolist()) == {0}


def test_other_labels_are_refused(packed: Packed) -> None:
    """A single one is enough."""
    golden = golden_of(packed)
    flipped = (1 - int(golden.labels[0]), *golden.labels[1:])
    assert "other labels" in reason(with_golden(packed, msgspec.structs.replace(golden, labels=flipped)))


def test_other_probabilities_are_refused(packed: Packed) -> None:
    """Further off than 1e-5."""
    golden = golden_of(packed)
    assert golden.probabilities is not None
    moved = ((golden.probabilities[0][0] + 1e-4, golden.probabilities[0][1]), *golden.probabilities[1:])
    why = reason(with_golden(packed, msgspec.structs.replace(golden, probabilities=moved)))
    assert "another probability" in why


def test_probabilities_of_another_shape_are_refused(packed: Packed) -> None:
    """One a row where there must be one a class."""
    golden = golden_of(packed)
    shape = tuple((0.5,) for _ in golden.labels)
    assert "no probability each" in reason(with_golden(packed, msgspec.structs.replace(golden, probabilities=shape)))


def test_golden_rows_that_no_caller_may_send_are_refused(packed: Packed) -> None:
    """They go through the types that callers' rows go through."""
    golden = golden_of(packed)
    rows = (("no such carrier", *golden.rows[0][1:]), *golden.rows[1:])
    assert "not one that a caller may send" in reason(with_golden(packed, msgspec.structs.replace(golden, rows=rows)))


def test_a_graph_that_is_none_is_refused(packed: Packed) -> None:
    """Whatever ONNX Runtime says of it."""
    assert f"does not take {ESTIMATOR}" in reason(repacked(packed, estimator=b"nonsense"))


def test_graphs_that_do_not_fit_are_refused(packed: Packed) -> None:
    """The encoder where the estimator should be can't predict the golden rows."""
    encoder = read_bundle(packed.data, LIMIT).read(ENCODER)
    assert reason(repacked(packed, estimator=encoder))


def test_a_file_that_is_neither_bundle_nor_joblib_is_refused() -> None:
    """Its first bytes tell."""
    assert "not one of joblib's" in reason(b"hello")
