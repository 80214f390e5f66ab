"""The expected failure of compilation."""


class Refused(ValueError):
    """A model that has no exact translation; the message names what stands in the way."""
