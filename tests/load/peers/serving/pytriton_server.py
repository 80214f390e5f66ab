"""Triton Inference Server with ONNX Runtime in Python, by PyTriton: requests that wait share a batch.

python -m tests.load.peers.serving.pytriton_server HTTP_PORT GRPC_PORT METRICS_PORT
"""

import os
import sys
import sysconfig
from typing import Any

import numpy as np
from pytriton.decorators import batch
from pytriton.model_config import DynamicBatcher, ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

from tests.load.peers.serving.onnx_models import NAMES, NUMBERS, Rows, Vectors

LABEL = [Tensor(name="label", dtype=np.int64, shape=(1,))]
BATCHES = ModelConfig(max_batch_size=256, batcher=DynamicBatcher(max_queue_delay_microseconds=0))
VECTORS, ROWS = Vectors(), Rows()


@batch  # type: ignore[untyped-decorator] # it is not installed here
def predict_vectors(encoded: Any) -> list[Any]:
    """Predict encoded vectors."""
    return [np.array(VECTORS.predict(encoded), dtype=np.int64).reshape(-1, 1)]


@batch  # type: ignore[untyped-decorator]
def predict_rows(**columns: Any) -> list[Any]:
    """Predict named features."""
    plain = {name: _plain(name, values.ravel()) for name, values in columns.items()}
    return [np.array(ROWS.predict(plain), dtype=np.int64).reshape(-1, 1)]


def _plain(name: str, values: Any) -> Any:
    return values if name in NUMBERS else [text.decode() for text in values]


if __name__ == "__main__":
    # The server embeds Python by its shared library, which has to be of this very version.
    os.environ["LD_LIBRARY_PATH"] = sysconfig.get_config_var("LIBDIR")
    http, grpc, metrics = map(int, sys.argv[1:])
    config = TritonConfig(
        http_port=http,
        http_address="127.0.0.1",
        grpc_port=grpc,
        metrics_port=metrics,
        http_thread_count=1,
        log_verbose=0,
    )
    with Triton(config=config) as triton:
        triton.bind(
            "vector", predict_vectors, [Tensor(name="encoded", dtype=np.float32, shape=(37,))], LABEL, config=BATCHES
        )
        features = [Tensor(name=name, dtype=np.int64 if name in NUMBERS else bytes, shape=(1,)) for name in NAMES]
        triton.bind("row", predict_rows, features, LABEL, config=BATCHES)
        triton.serve()
