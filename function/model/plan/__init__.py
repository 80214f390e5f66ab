"""Encode rows and evaluate linear models from plain data, as scikit-learn does, with numpy alone."""
