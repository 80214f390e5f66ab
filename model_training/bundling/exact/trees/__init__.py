"""Represent tree ensembles of any library, evaluate them, and write them as ONNX."""
