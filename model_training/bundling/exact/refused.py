"""The expected failures of compilation, and of the rows that it asks a fitted model about."""


class Refused(ValueError):
    """A model that has no exact translation; the message names what stands in the way."""


UNSUPPORTED_ERRORS = (ValueError, TypeError)
"""The exceptions that scikit-learn raises for rows that a fitted step or estimator does not support."""


def first_line(error: Exception) -> str:
    """Return the first line of an exception's message, at most 300 characters; empty if it has none."""
    return (str(error).strip().splitlines() or [""])[0][:300]
