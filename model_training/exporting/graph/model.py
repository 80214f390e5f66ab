"""A bundle as one graph: an input for each feature, the encoder, the estimator, the label and the numbers."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import onnx

import function
from function.model.bundle import ENCODER, ESTIMATOR, PLAN, Bundle
from function.model.manifest import Manifest
from function.model.plan.structs import Plan
from model_training.bundling.exact.graph.builder import DOUBLE, FLOAT, INT64, Graph
from model_training.bundling.exact.graph.written import TYPES, Written, write_label
from model_training.exporting.graph.embedding import embed
from model_training.exporting.graph.encoder import Encoding
from model_training.exporting.graph.inputs import Input, inputs_of
from model_training.exporting.graph.linear import write_linear
from model_training.exporting.graph.portable import portable
from model_training.exporting.refused import NotExported

LABEL, PROBABILITIES, VALUE = "label", "probabilities", "value"
PRODUCER = "taxiway"
Outputs = dict[str, tuple[str, int, list[int | None]]]


def write_model(bundle: Bundle) -> onnx.ModelProto:
    """Write a bundle as one graph.

    Raises:
        NotExported: scikit-learn itself serves the bundle, or ONNX cannot express a part of it.
    """
    manifest = bundle.manifest
    prefix = _prefix([feature.name for feature in manifest.features])
    if PLAN in bundle:
        model = _of_plan(bundle, prefix)
    elif ENCODER in bundle:
        model = _of_two_graphs(bundle, prefix)
    else:
        raise NotExported(
            "scikit-learn itself serves this bundle, because the model could not be compiled, so there is no graph to "
            "export. `taxiway pack` reports the reason: train it with an estimator and encoders that are compiled"
        )
    model = portable(model, prefix)
    model.producer_name, model.producer_version = PRODUCER, function.__version__
    onnx.helper.set_model_props(model, metadata_of(manifest))
    return model


def metadata_of(manifest: Manifest) -> dict[str, str]:
    """Return the properties of the graph; lists are JSON."""
    properties = {
        "name": manifest.name,
        "version": manifest.version,
        "task": manifest.task,
        "producer": f"{PRODUCER} {function.__version__}",
    }
    if manifest.classes:
        properties["classes"] = msgspec.json.encode(manifest.classes).decode()
    if manifest.threshold is not None:
        properties["threshold"] = repr(manifest.threshold)
    return properties


def _prefix(names: Sequence[str]) -> str:
    """Return what begins the names of inner tensors, but no name of a feature."""
    prefix = "_"
    while any(name.startswith(prefix) for name in names):
        prefix += "_"
    return prefix


def _of_plan(bundle: Bundle, prefix: str) -> onnx.ModelProto:
    manifest, g = bundle.manifest, Graph(prefix)
    plan = msgspec.json.decode(bundle.read(PLAN), type=Plan)
    inputs = {_add(g, each): each for each in inputs_of(manifest.features)}
    encoding = Encoding(g, plan, inputs)
    if plan.linear is not None:
        written = write_linear(g, plan, plan.linear, encoding)
        label = written.values and g.flat(written.values)
    else:
        encoded = encoding.source(plan.encoder)
        label, written = _embedded(g, bundle, encoded)
    return g.model(_outputs(g, manifest, written, label))


def _of_two_graphs(bundle: Bundle, prefix: str) -> onnx.ModelProto:
    """Join the two graphs of a bundle of format 1; its inputs are in the manifest's order."""
    manifest, g = bundle.manifest, Graph(prefix)
    encoder = onnx.load_model_from_string(bundle.read(ENCODER))
    inputs = {
        each.name: g.input(feature.name, 1, each.type.tensor_type.elem_type)
        for each, feature in zip(encoder.graph.input, manifest.features, strict=True)
    }
    (encoded,) = embed(g, encoder, inputs).values()
    label, written = _embedded(g, bundle, encoded)
    return g.model(_outputs(g, manifest, written, label))


def _add(g: Graph, given: Input) -> str:
    return g.input(given.feature.name, 1, given.kind, given.description)


def _embedded(g: Graph, bundle: Bundle, encoded: str) -> tuple[str, Written]:
    """Copy the graph of the estimator; return its label or value, [n], and its probabilities."""
    estimator = onnx.load_model_from_string(bundle.read(ESTIMATOR))
    (given,) = estimator.graph.input
    tensors = embed(g, estimator, {given.name: g.cast(encoded, given.type.tensor_type.elem_type)})
    label, *probabilities = tensors.values()
    has_probabilities = bundle.manifest.golden is not None and bundle.manifest.golden.probabilities is not None
    if not has_probabilities:
        return g.flat(label), Written()
    single = estimator.graph.output[1].type.tensor_type.elem_type == FLOAT
    # In single precision, the sum of the trees' shares may be slightly above 1.
    shares = g("Min", probabilities[0], g.constant(1, np.float32)) if ENCODER in bundle else probabilities[0]
    return g.flat(label), Written(probabilities=g.cast(shares, DOUBLE), single=single)


def _outputs(g: Graph, manifest: Manifest, written: Written, label: str | None) -> Outputs:
    """Name the outputs: `label`, and `probabilities` where there are any; or `value`.

    Args:
        g: the graph.
        manifest: the manifest.
        written: the position of the label or its name, and the probabilities.
        label: the label or value, [n]; None if `written` has its position.
    """
    names = {feature.name for feature in manifest.features}
    if manifest.classes is None:
        assert label is not None  # noqa: S101 (a regression has a value)
        return {_free(VALUE, names): (g.cast(label, DOUBLE), DOUBLE, [None])}
    kinds = {type(each) for each in manifest.classes}
    kind = kinds.pop()
    if kinds or kind not in TYPES:
        raise NotExported("the classes have several types, and an output of ONNX has one type")
    chosen = written.chosen
    if manifest.threshold is not None and written.probabilities is not None:
        second = g.flat(g.gather(written.probabilities, [1]))
        # Numbers of single precision are compared with a threshold of theirs.
        threshold = float(np.float32(manifest.threshold)) if written.single else manifest.threshold
        chosen = g.cast(g("Greater", second, g.constant(threshold)), INT64)
    if chosen is not None:
        label = write_label(g, chosen, manifest.classes)
    elif kind is not str:
        label = g.cast(str(label), TYPES[kind])
    outputs: Outputs = {_free(LABEL, names): (str(label), TYPES[kind], [None])}
    if written.probabilities is not None:
        outputs[_free(PROBABILITIES, names)] = (written.probabilities, DOUBLE, [None, len(manifest.classes)])
    return outputs


def _free(name: str, names: Mapping[str, object] | set[str]) -> str:
    """Return a name that no feature has."""
    while name in names:
        name = f"predicted_{name}"
    return name
