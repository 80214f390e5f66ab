"""Prove that what is served predicts what scikit-learn predicts, by code that shares nothing with the compiler."""
