"""Measure a fitted model on held-out rows."""
