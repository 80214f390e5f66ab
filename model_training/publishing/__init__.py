"""Publish, compare, test and roll back the live model of a bucket."""
