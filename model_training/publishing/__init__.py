"""Publish, compare, try and roll back the live model of a bucket."""
