"""Build a bundle from a fitted model."""
