"""Bundles that differ from a trained one in one thing."""

import os
from typing import Any

import msgspec
from msgspec.structs import replace
from onnx import TensorProto, helper

from function.model.bundle import ESTIMATOR, JOBLIB, PLAN, REPORT, read_bundle, write_bundle
from function.model.plan.encoder import write_plan
from function.model.plan.structs import Plan
from model_training.bundling.building import Packed

LIMIT = 200_000_000


def members(packed: Packed) -> dict[str, bytes]:
    """Return the files beside the manifest."""
    bundle = read_bundle(packed.data, LIMIT)
    return {name: bundle.read(name) for name in packed.manifest.members}


def variant(packed: Packed, **changes: Any) -> bytes:
    """Change fields of the manifest."""
    files = members(packed)
    if "features" in changes and PLAN in files:
        plan = msgspec.json.decode(files[PLAN], type=Plan)
        pairs = zip(plan.features, changes["features"], strict=False)
        features = tuple(replace(each, name=changed.name) for each, changed in pairs)
        files[PLAN] = write_plan(replace(plan, features=features))
    return write_bundle(msgspec.structs.replace(packed.manifest, **changes), files)


def successor(packed: Packed) -> bytes:
    """Make another version of the same model, which predicts the same."""
    return write_bundle(packed.manifest, {**members(packed), JOBLIB: b"another"})


def version_of(data: bytes) -> str:
    """Return a bundle's version."""
    return read_bundle(data, LIMIT).manifest.version


def of_quality(packed: Packed, auc: float) -> bytes:
    """Make the model as good as that, by its own account."""
    return variant(packed, metrics={**packed.manifest.metrics, "roc_auc": auc})


def large(packed: Packed, auc: float, size: int = 20 * 2**20) -> bytes:
    """Make a bundle so large that it is uploaded in pieces."""
    manifest = msgspec.structs.replace(packed.manifest, metrics={**packed.manifest.metrics, "roc_auc": auc})
    return write_bundle(manifest, {**members(packed), REPORT: os.urandom(size)})


def greedy(packed: Packed) -> bytes:
    """Make a bundle whose graph of a few hundred bytes allocates 16 GB."""
    return _with_matrix(packed, [2**32], times=0)


def endless(packed: Packed) -> bytes:
    """Make a bundle whose graph multiplies large matrices for an hour."""
    return _with_matrix(packed, [4000, 4000], times=1000)


def _with_matrix(packed: Packed, shape: list[int], times: int) -> bytes:
    products = [helper.make_node("MatMul", [f"m{i}", "m0"], [f"m{i + 1}"]) for i in range(times)]
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["m0"]),
        *products,
        helper.make_node("ReduceMax", [f"m{times}"], ["most"], keepdims=0),
        helper.make_node("Add", ["encoded", "most"], ["probabilities"]),
        helper.make_node("ReduceMax", ["probabilities"], ["reduced"], axes=[1], keepdims=0),
        helper.make_node("Cast", ["reduced"], ["label"], to=TensorProto.INT64),
    ]
    graph = helper.make_graph(
        nodes,
        "matrix",
        [helper.make_tensor_value_info("encoded", TensorProto.FLOAT, [None, len(packed.manifest.encoded)])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, None]),
        ],
        [helper.make_tensor("shape", TensorProto.INT64, [len(shape)], shape)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    plan = replace(msgspec.json.decode(members(packed)[PLAN], type=Plan), linear=None)
    return write_bundle(packed.manifest, {PLAN: write_plan(plan), ESTIMATOR: model.SerializeToString()})


def without_report(packed: Packed) -> bytes:
    """Make the bundle of a model that nobody evaluated."""
    return write_bundle(packed.manifest, {name: data for name, data in members(packed).items() if name != REPORT})


def with_report(packed: Packed, report: bytes) -> bytes:
    """Add a report, or replace the one there is."""
    return write_bundle(packed.manifest, {**members(packed), REPORT: report})
