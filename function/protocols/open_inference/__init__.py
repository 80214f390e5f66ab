"""Open Inference Protocol (V2): named tensors; https://github.com/open-inference/open-inference-protocol."""

from typing import Literal

Integer = Literal["INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"]
Number = Literal[Integer, "FP16", "BF16", "FP32", "FP64"]
Datatype = Literal["BOOL", Number, "BYTES"]
EXTENSION = "binary_tensor_data"
HEADER = "Inference-Header-Content-Length"
"""The header with the length of the JSON, behind which the tensors begin; 0 if the body is one tensor without JSON."""
MEDIA_TYPE = "application/octet-stream"
