"""function/model/loaded.py: a model goes live only when it gives what training saw."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from onnx import TensorProto, helper

from function.errors import Refused
from function.model.bundle import ESTIMATOR, PLAN, read_bundle, write_bundle
from function.model.loaded import load
from function.model.manifest import Golden, Manifest
from model_training.bundling.building import Packed

LIMIT = 10_000_000
FORMAT_1 = Path(__file__).parents[1] / "support" / "format_1.zip"


def repacked(packed: Packed, manifest: Manifest | None = None, estimator: bytes | None = None) -> bytes:
    """Make a whole and well-hashed bundle with something else in it."""
    bundle = read_bundle(packed.data, LIMIT)
    members = {name: bundle.read(name) for name in packed.manifest.members}
    return write_bundle(manifest or packed.manifest, members | ({ESTIMATOR: estimator} if estimator else {}))


def member(packed: Packed, name: str) -> bytes:
    """Return a file of a bundle."""
    return read_bundle(packed.data, LIMIT).read(name)


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
    np.testing.assert_allclose(outputs.probabilities, golden.probabilities, rtol=0, atol=1e-12)
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
    flipped = (1 - np.asarray(golden.labels[0]).item(), *golden.labels[1:])
    assert "other labels" in reason(with_golden(packed, msgspec.structs.replace(golden, labels=flipped)))


def test_other_probabilities_are_refused(packed: Packed) -> None:
    """Further off than 1e-12."""
    golden = golden_of(packed)
    assert golden.probabilities is not None
    moved = ((golden.probabilities[0][0] + 1e-11, golden.probabilities[0][1]), *golden.probabilities[1:])
    why = reason(with_golden(packed, msgspec.structs.replace(golden, probabilities=moved)))
    assert "another probability" in why


def test_probabilities_of_another_shape_are_refused(packed: Packed) -> None:
    """One a row where there must be one a class."""
    golden = golden_of(packed)
    shape = tuple((0.5,) for _ in golden.labels)
    assert "no probability, or not as many" in reason(
        with_golden(packed, msgspec.structs.replace(golden, probabilities=shape))
    )


def test_golden_rows_that_no_caller_may_send_are_refused(packed: Packed) -> None:
    """They go through the types that callers' rows go through."""
    golden = golden_of(packed)
    rows = (("no such carrier", *golden.rows[0][1:]), *golden.rows[1:])
    assert "not one that a caller may send" in reason(with_golden(packed, msgspec.structs.replace(golden, rows=rows)))


def test_a_graph_that_is_none_is_refused(boosted: Packed) -> None:
    """Whatever ONNX Runtime says of it."""
    assert f"cannot load {ESTIMATOR}" in reason(repacked(boosted, estimator=b"nonsense"))


def test_graphs_that_do_not_fit_are_refused(boosted: Packed) -> None:
    """A graph of another input, which can't predict the golden rows."""
    node = helper.make_node("Identity", ["text"], ["label"])
    text = [helper.make_tensor_value_info(name, TensorProto.STRING, [None, 1]) for name in ("text", "label")]
    graph = helper.make_graph([node], "identity", text[:1], text[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    assert "one input, of floating-point numbers" in reason(repacked(boosted, estimator=model.SerializeToString()))


def test_an_estimator_beside_a_linear_model_is_refused(packed: Packed, boosted: Packed) -> None:
    """Neither both nor none of them."""
    assert "either a linear model" in reason(repacked(packed, estimator=member(boosted, ESTIMATOR)))
    members = {name: member(boosted, name) for name in boosted.manifest.members if name != ESTIMATOR}
    assert "either a linear model" in reason(write_bundle(boosted.manifest, members))


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (b"nonsense", "plan.json is malformed"),
        (b'{"features":[],"encoder":{"type":"block","sources":[]}}', "other features than manifest.json"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(packed: Packed, plan: bytes, words: str) -> None:
    """With what is wrong about it."""
    members = {name: member(packed, name) for name in packed.manifest.members}
    assert words in reason(write_bundle(packed.manifest, {**members, PLAN: plan}))


def test_a_bundle_of_format_1_is_served() -> None:
    """As version 0.1.0 wrote it, with its own version and predictions."""
    model = load(FORMAT_1.read_bytes(), None, LIMIT)
    golden = model.manifest.golden
    assert golden is not None
    assert (model.engine.name, model.manifest.format, model.version) == ("onnx", 1, "8cb497e387e3")
    assert model.predict_columns(model.schema.golden_columns(golden.rows)).labels.tolist() == list(golden.labels)


def test_a_file_that_is_neither_bundle_nor_joblib_is_refused() -> None:
    """Its first bytes tell."""
    assert "not one of joblib's" in reason(b"hello")
