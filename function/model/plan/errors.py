"""The two failures of a plan: a row that it does not support, and a plan that is malformed."""


class UnsupportedRow(ValueError):
    """A row that the plan does not support; the message never contains the value."""

    def __init__(self, row: int, features: tuple[str, ...], reason: str) -> None:
        """`row` counts from 0; `features` names the features that the value may come from."""
        super().__init__(f"row {row}: {', '.join(features) or 'encoded vector'}: {reason}")
        self.row = row
        self.features = features
        self.reason = reason


class BadPlan(ValueError):
    """A plan that contradicts itself or exceeds a limit; `str(error)` describes where."""


class UnsupportedCell(ValueError):
    """A number that a step does not support; the step knows the row but not the features' names."""

    def __init__(self, row: int, reason: str) -> None:
        """`row` counts from 0."""
        super().__init__(reason)
        self.row = row
        self.reason = reason
