"""Something that runs beside what a `with` block does."""

import threading
from types import TracebackType
from typing import Self


class Beside:
    """Calls `run` in a thread of its own when the block is entered, and waits for its end when the block is left."""

    def __init__(self) -> None:
        """`ended` is set when the block is left."""
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self.run)

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Ask the thread to end, and wait until it has."""
        self.ended.set()
        self._thread.join()

    def run(self) -> None:
        """Do it, until `ended` is set."""
        raise NotImplementedError
