"""The expected failure of an export."""


class NotExported(Exception):
    """A bundle that has no such export; the message names what stands in the way, and what to do."""
