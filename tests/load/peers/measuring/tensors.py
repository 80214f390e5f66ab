"""The same 10,000 rows of numbers as binary tensors and as JSON, of one process."""

from collections.abc import Mapping
from typing import Any

import httpx
import numpy as np

from tests.load.exchange import Exchange
from tests.load.peers.measuring.loads import one_by_one
from tests.load.peers.measuring.pinned import Pinned
from tests.load.peers.models import LARGE_ROWS
from tests.load.peers.servers.server import VECTOR
from tests.load.programs import Unusable
from tests.support.binary_tensors import HEADER, as_binary, read_outputs, with_tensors

PATH = "/v2/models/{name}/infer"


def requests_of(rows: int) -> Mapping[str, tuple[bytes, dict[str, str]]]:
    """Write so many encoded vectors, the same each time, in both ways: the body and its headers."""
    vectors = np.random.default_rng(0).integers(2, size=(rows, len(VECTOR))).astype(float)
    matrix = {"name": "vectors", "shape": list(vectors.shape), "datatype": "FP64", "data": vectors.reshape(-1).tolist()}
    request: dict[str, Any] = {"id": "1", "inputs": [matrix]}
    text, _ = with_tensors(request)
    return {"json": (text, {}), "binary": as_binary({**request, "parameters": {"binary_data_output": True}})}


def measure(running: Pinned, name: str, seconds: float) -> dict[str, float]:
    """Return how many rows a second a process predicts in each way, from one connection, one way after the other.

    Raises:
        Unusable: the predictions differ.
    """
    exchanges: dict[str, Exchange] = {}
    outputs = []
    with httpx.Client(timeout=60) as client:
        for way, (body, headers) in requests_of(LARGE_ROWS).items():
            asked = running.exchange_of(PATH.format(name=name), body, b"", headers=headers)
            response = asked.ask(client).raise_for_status()
            outputs.append(read_outputs(response.content, response.headers.get(HEADER)))
            exchanges[way] = Exchange(asked.url, body, response.content, headers=headers)
    if outputs[0] != outputs[1]:
        raise Unusable("Taxiway predicts something else for binary tensors than for JSON")
    loads = {way: one_by_one(exchange, seconds) for way, exchange in exchanges.items()}
    unsound = max(load.unsound for load in loads.values())
    return {**{f"{way}_rate": load.rate * LARGE_ROWS for way, load in loads.items()}, "unsound": unsound}
