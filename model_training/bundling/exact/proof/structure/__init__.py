"""Compare a model with what was compiled from it node by node, and number by number."""
