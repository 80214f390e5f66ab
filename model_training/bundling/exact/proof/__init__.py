"""Prove that what is served predicts what the fitted model predicts, by code that shares nothing with the compiler."""
