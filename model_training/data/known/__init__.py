"""The data sets that the commands know by name."""
