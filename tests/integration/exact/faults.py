"""Faults to inject into graphs and plans, each of which would change a prediction somewhere."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from model_training.bundling.exact.trees.structure import Ensemble, Link

LESS_THAN = 1
START = 1e-6
Attributes = dict[str, Any]
Fault = Callable[[onnx.ModelProto, Ensemble, np.random.Generator], bool]
"""Change a graph; return whether there was a place for it."""


def changed(graph: onnx.ModelProto, ensemble: Ensemble, fault: Fault, rng: np.random.Generator) -> Any:
    """Return a copy of a graph with a fault, or None where it has no place."""
    copy = onnx.ModelProto()
    copy.CopyFrom(graph)
    return copy if fault(copy, ensemble, rng) else None


def _operator(graph: onnx.ModelProto) -> Any:
    return next(node for node in graph.graph.node if node.op_type == "TreeEnsemble")


def _read(node: Any, name: str) -> Any:
    value = next((helper.get_attribute_value(a) for a in node.attribute if a.name == name), None)
    return numpy_helper.to_array(value).copy() if isinstance(value, onnx.TensorProto) else value


def _write(node: Any, name: str, value: Any) -> None:
    for place, attribute in enumerate(node.attribute):
        if attribute.name == name:
            del node.attribute[place]
            break
    tensor = numpy_helper.from_array(value) if isinstance(value, np.ndarray) else value
    node.attribute.append(helper.make_attribute(name, tensor))


def _thresholds(node: Any, ensemble: Ensemble) -> tuple[Any, Any]:
    """Return the numbers of the questions that have an edge, and the edge that the library has."""
    native = np.concatenate([t.threshold[t.inner] if len(t.inner) else np.zeros(1) for t in ensemble.trees])
    lone = np.concatenate([np.zeros(len(t.inner), bool) if len(t.inner) else [True] for t in ensemble.trees])
    return np.flatnonzero((_read(node, "nodes_modes") == 0) & ~lone & (np.abs(native) < 1e30)), native


def threshold_off(graph: onnx.ModelProto, ensemble: Ensemble, rng: np.random.Generator) -> bool:
    """Move a threshold to the next value that could be compared with it."""
    node = _operator(graph)
    places, native = _thresholds(node, ensemble)
    splits, place = _read(node, "nodes_splits"), int(rng.choice(places))
    up = bool(rng.integers(2))
    if ensemble.compare is np.float32:
        near = np.float32(native[place])
        floor = near if near <= native[place] else np.nextafter(near, np.float32(-np.inf))
        splits[place] = np.nextafter(floor, np.float32(np.inf if up else -np.inf))
    else:
        splits[place] = np.nextafter(splits[place], np.inf if up else -np.inf)
    _write(node, "nodes_splits", splits)
    return True


def threshold_rounded(graph: onnx.ModelProto, ensemble: Ensemble, rng: np.random.Generator) -> bool:
    """Round a threshold to float32 where that changes what goes left."""
    node = _operator(graph)
    places, native = _thresholds(node, ensemble)
    single = native.astype(np.float32).astype(np.float64)
    matters = single > native if ensemble.compare is np.float32 else single != native
    places = places[matters[places]]
    if not len(places):
        return False
    splits, place = _read(node, "nodes_splits"), int(rng.choice(places))
    splits[place] = single[place]
    _write(node, "nodes_splits", splits)
    return True


def less_than(graph: onnx.ModelProto, ensemble: Ensemble, rng: np.random.Generator) -> bool:
    """Ask < for <=."""
    node = _operator(graph)
    modes = _read(node, "nodes_modes")
    modes[int(rng.choice(_thresholds(node, ensemble)[0]))] = LESS_THAN
    _write(node, "nodes_modes", modes)
    return True


def missing_flipped(graph: onnx.ModelProto, ensemble: Ensemble, rng: np.random.Generator) -> bool:
    """Send what is missing the other way."""
    node = _operator(graph)
    flags = list(_read(node, "nodes_missing_value_tracks_true") or [0] * len(_read(node, "nodes_featureids")))
    place = int(rng.choice(_thresholds(node, ensemble)[0]))
    flags[place] = 1 - flags[place]
    _write(node, "nodes_missing_value_tracks_true", flags)
    return True


def children_swapped(graph: onnx.ModelProto, ensemble: Ensemble, rng: np.random.Generator) -> bool:
    """Exchange the children of a question; two leaves may be equal."""
    node = _operator(graph)
    leaves = np.array(_read(node, "nodes_trueleafs")) & np.array(_read(node, "nodes_falseleafs"))
    places = _thresholds(node, ensemble)[0]
    place = int(rng.choice(places[leaves[places] == 0]))
    for kind in ("nodeids", "leafs"):
        names = [f"nodes_{side}{kind}" for side in ("true", "false")]
        true, false = (list(_read(node, name)) for name in names)
        true[place], false[place] = false[place], true[place]
        for name, values in zip(names, (true, false), strict=True):
            _write(node, name, values)
    return True


def feature_changed(graph: onnx.ModelProto, ensemble: Ensemble, rng: np.random.Generator) -> bool:
    """Ask about another feature."""
    node = _operator(graph)
    features = list(_read(node, "nodes_featureids"))
    place = int(rng.choice(_thresholds(node, ensemble)[0]))
    features[place] = (features[place] + 1) % ensemble.n_features
    _write(node, "nodes_featureids", features)
    return True


def member_moved(graph: onnx.ModelProto, _: Ensemble, rng: np.random.Generator) -> bool:
    """Put another category in the place of a member of a set."""
    node = _operator(graph)
    members = _read(node, "membership_values")
    if members is None:
        return False
    members[int(rng.choice(np.flatnonzero(~np.isnan(members))))] += 20
    _write(node, "membership_values", members)
    return True


def _leaves(graph: onnx.ModelProto, change: Callable[[Any], Any], rng: np.random.Generator) -> bool:
    """Change the value of a leaf where that makes a difference."""
    gathered = [c for c in graph.graph.initializer if len(c.dims) == 2 and c.dims[0] > 1 and c.dims[1] > 1]
    node = _operator(graph)
    weights = numpy_helper.to_array(gathered[0]).copy() if gathered else _read(node, "leaf_weights")
    places = np.argwhere((change(weights) != weights) & (np.abs(weights) > 1e-100))
    if not len(places):
        return False
    place = tuple(places[rng.integers(len(places))])
    weights[place] = change(weights)[place]
    if gathered:
        gathered[0].CopyFrom(numpy_helper.from_array(weights, gathered[0].name))
    else:
        _write(node, "leaf_weights", weights)
    return True


def leaf_off(graph: onnx.ModelProto, _: Ensemble, rng: np.random.Generator) -> bool:
    """Change a leaf by one ulp."""
    return _leaves(graph, lambda weights: np.nextafter(weights, np.inf), rng)


def leaf_rounded(graph: onnx.ModelProto, _: Ensemble, rng: np.random.Generator) -> bool:
    """Round a leaf to float32."""
    return _leaves(graph, lambda weights: weights.astype(np.float32).astype(weights.dtype), rng)


GRAPH_FAULTS: dict[str, Fault] = {
    "threshold one step off": threshold_off,
    "threshold rounded to float32": threshold_rounded,
    "< for <=": less_than,
    "missing flag flipped": missing_flipped,
    "children swapped": children_swapped,
    "another feature": feature_changed,
    "a member moved": member_moved,
    "leaf one ulp off": leaf_off,
    "leaf rounded to float32": leaf_rounded,
}


def wrong_ensembles(ensemble: Ensemble) -> dict[str, Ensemble]:
    """Return ensembles with another link, rule, divisor or start."""
    first = ensemble.trees[0]
    other = Link("exp") if ensemble.link.kind == "identity" else Link(ensemble.link.kind, ensemble.link.slope * 2)
    found = (
        {}
        if ensemble.add is np.float32
        else {
            "divisor": replace(ensemble, divisor=ensemble.divisor + 1),
            "bias": replace(ensemble, bias=(1e-9,) * ensemble.n_outputs),
        }
    )
    found |= {
        "start": replace(ensemble, trees=(replace(first, value=first.value + START), *ensemble.trees[1:])),
        "order of trees": replace(ensemble, trees=ensemble.trees[::-1]),
    }
    if ensemble.link.kind in ("logistic", "identity"):
        found["link"] = replace(ensemble, link=other)
    if ensemble.classes is not None and ensemble.rule in ("above", "from"):
        found["rule"] = replace(ensemble, rule="from" if ensemble.rule == "above" else "above")
    return found
