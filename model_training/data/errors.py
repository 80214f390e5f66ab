"""Expected failures of reading and learning from data."""


class BadTable(Exception):
    """A table that nothing can be made of; `str(error)` says why."""
