"""The faults that are set: what shall go wrong, with which calls, how often."""

import threading
from typing import Any, Literal

import msgspec

Effect = Literal["status", "gone", "cut", "corrupt", "stall"]


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that goes wrong.

    | effect    | the call is carried out | the answer                                        |
    |-----------|-------------------------|---------------------------------------------------|
    | `status`  | no                      | an error of this `status`                         |
    | `gone`    | no                      | none: the connection is closed                    |
    | `cut`     | yes                     | the connection is closed after `after` bytes      |
    | `corrupt` | yes                     | the byte at `after` is flipped, the first if None |
    | `stall`   | yes                     | nothing more comes after `after` bytes            |

    `after` counts bytes of the body: 0 is after the headers, None before the status. A stall
    ends after `seconds` or when it is released. `kind` limits a fault to one kind of call, as
    the journal names them, and `times` to so many calls; None means all.
    """

    effect: Effect
    kind: str | None = None
    times: int | None = None
    status: int = 503
    after: int | None = None
    seconds: float | None = None


class ArmedFault:
    """A fault that waits for its calls."""

    def __init__(self, fault: Fault) -> None:
        """Arm `fault` for all its calls."""
        self.fault = fault
        self.left = fault.times
        self._released = threading.Event()

    @property
    def released(self) -> bool:
        """Whether calls no longer stall."""
        return self._released.is_set()

    def release(self) -> None:
        """Let the calls that stall now, and those to come, go on."""
        self._released.set()

    def hits(self, kind: str) -> bool:
        """Tell whether a call of this kind goes wrong, and use up one time if so."""
        if self.left == 0 or self.fault.kind not in (None, kind):
            return False
        if self.left is not None:
            self.left -= 1
        return True

    def resource(self) -> dict[str, Any]:
        """Return the fault and how often it can still happen, as JSON."""
        return {**msgspec.structs.asdict(self.fault), "left": self.left}


class Faults:
    """The faults that are set, first come first served; safe to use from several threads."""

    def __init__(self) -> None:
        """Start with none."""
        self._armed: list[ArmedFault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> ArmedFault:
        """Set a fault; release the stall it causes with the returned object or with `clear`."""
        armed = ArmedFault(fault)
        with self._lock:
            self._armed.append(armed)
        return armed

    def take(self, kind: str) -> ArmedFault | None:
        """Return the fault that the next call of this kind shall suffer."""
        with self._lock:
            return next((armed for armed in self._armed if armed.hits(kind)), None)

    def clear(self) -> None:
        """Take all faults back and release what stalls."""
        with self._lock:
            for armed in self._armed:
                armed.release()
            self._armed.clear()

    def resources(self) -> list[dict[str, Any]]:
        """Return the faults that are set, as JSON."""
        with self._lock:
            return [armed.resource() for armed in self._armed]
