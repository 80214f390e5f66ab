"""Joblib files, read through an allow-list."""
