"""Encode rows and evaluate linear models from plain data, as scikit-learn does, using only numpy."""
