"""Write a whole model as one ONNX graph: an input for each feature, the encoder, the estimator, the predictions."""
