"""Engines, which compute predictions: ONNX Runtime, or scikit-learn itself."""
