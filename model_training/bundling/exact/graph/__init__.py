"""Write ONNX graphs."""
