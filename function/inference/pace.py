"""How many rows of a model fit a slice of the event loop's time, learned from the batches that it predicts."""

SLICE_SECONDS = 0.005
"""What a batch may take on the event loop: other requests wait as long."""
FIRST_ROWS = 64
"""As many rows are assumed to fit before a batch has been timed."""
MAX_ROWS = 1000


class Pace:
    """The pace of one model."""

    def __init__(self) -> None:
        self.rows = FIRST_ROWS
        """The rows that fit a slice; 0 if a single row does not."""
        self._last = SLICE_SECONDS / FIRST_ROWS

    def learn(self, rows: int, seconds: float) -> None:
        """Learn from a batch. Of the last two the faster counts, because a pause of the process is not the model's."""
        per_row = seconds / max(rows, 1)
        best, self._last = min(per_row, self._last), per_row
        self.rows = min(int(SLICE_SECONDS / best), MAX_ROWS) if best > 0 else MAX_ROWS
