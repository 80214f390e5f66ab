"""Open Inference Protocol (V2): named tensors; https://github.com/open-inference/open-inference-protocol."""
