"""Prediction: queries, batches, predictions and explanations."""
