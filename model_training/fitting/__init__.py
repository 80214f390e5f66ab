"""Fit a model: pipeline, estimators, thresholds, hyper-parameters and their search."""
