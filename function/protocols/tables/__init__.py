"""Formats that are tables, a line or a column at a time: CSV, NDJSON and Arrow."""
