"""What computes predictions: ONNX Runtime, or scikit-learn itself."""
