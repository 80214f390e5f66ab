"""Write what a bundle holds for other programs: an ONNX graph, statements for BigQuery, a model card."""
