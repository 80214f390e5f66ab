"""Predict the rows of a table offline (batch scoring)."""
