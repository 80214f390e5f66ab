"""Bodies of the extension `binary_tensor_data`, written and read as clients do."""

import json
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

HEADER = "Inference-Header-Content-Length"
CODES = {
    "BOOL": "B",
    "INT8": "b",
    "INT16": "h",
    "INT32": "i",
    "INT64": "q",
    "UINT8": "B",
    "UINT16": "H",
    "UINT32": "I",
    "UINT64": "Q",
    "FP16": "e",
    "FP32": "f",
    "FP64": "d",
}
"""The letters of the module struct."""


def written(values: Sequence[Any], datatype: str) -> bytes:
    """Write values one by one; null as NaN."""
    if datatype == "BYTES":
        texts = [value if isinstance(value, bytes) else value.encode() for value in values]
        return b"".join(struct.pack("<I", len(text)) + text for text in texts)
    numbers = [math.nan if value is None else value for value in values]
    if datatype == "BF16":
        return b"".join(struct.pack("<f", value)[2:] for value in numbers)
    return b"".join(struct.pack(f"<{CODES[datatype]}", value) for value in numbers)


def as_binary(request: Mapping[str, Any], names: Sequence[str] | None = None) -> tuple[bytes, dict[str, str]]:
    """Turn a request of JSON into a body with these inputs, or all, behind the JSON, and the header that it needs."""
    inputs, parts = [], []
    for tensor in request["inputs"]:
        if names is not None and tensor["name"] not in names:
            inputs.append(tensor)
            continue
        parts.append(written(np.array(tensor["data"], object).reshape(-1).tolist(), tensor["datatype"]))
        without = {key: value for key, value in tensor.items() if key != "data"}
        inputs.append({**without, "parameters": {"binary_data_size": len(parts[-1])}})
    return with_tensors({**request, "inputs": inputs}, *parts)


def with_tensors(head: Mapping[str, Any], *parts: bytes) -> tuple[bytes, dict[str, str]]:
    """Put bytes behind a document of JSON; return the body and its header."""
    text = json.dumps(head).encode()
    return b"".join([text, *parts]), {HEADER: str(len(text))}


def read_outputs(body: bytes, header: str | None) -> dict[str, list[Any]]:
    """Return the flat values of each output of a response, from its JSON or from behind it."""
    end = len(body) if header is None else int(header)
    outputs, at = {}, end
    for tensor in json.loads(body[:end])["outputs"]:
        if "data" in tensor:
            outputs[tensor["name"]] = tensor["data"]
            continue
        size = tensor["parameters"]["binary_data_size"]
        outputs[tensor["name"]] = read_values(body[at : at + size], tensor["datatype"])
        assert len(outputs[tensor["name"]]) == math.prod(tensor["shape"])
        at += size
    assert at == len(body)
    return outputs


def read_values(data: bytes, datatype: str) -> list[Any]:
    """Read values one by one."""
    if datatype != "BYTES":
        values = [value for (value,) in struct.iter_unpack(f"<{CODES[datatype]}", data)]
        return list(map(bool, values)) if datatype == "BOOL" else values
    texts = []
    while data:
        end = 4 + struct.unpack_from("<I", data)[0]
        texts.append(data[4:end].decode())
        data = data[end:]
    return texts
