"""Evaluate a fitted model on hold-out rows."""
