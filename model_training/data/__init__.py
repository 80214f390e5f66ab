"""Data sets: tables, their columns and the target."""
