"""Expected failures while reading a table or training on it."""


class BadTable(Exception):
    """A table or option that training or scoring can't use; `str(error)` is the message for the user."""
