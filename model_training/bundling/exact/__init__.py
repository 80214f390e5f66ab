"""Compile fitted scikit-learn models to plans and graphs that predict the same numbers, and prove it."""
