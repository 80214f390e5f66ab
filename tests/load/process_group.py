"""What all processes of a group use, and those that they started in others, as Linux tells in /proc (proc(5))."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

TICKS = os.sysconf("SC_CLK_TCK")
PARENT, GROUP, USER_TICKS, SYSTEM_TICKS = 1, 2, 11, 12
"""Fields of /proc/PID/stat after the name, which is in brackets and may hold anything."""


class Usage(Struct, frozen=True):
    """What a group used while it was watched."""

    cpus: float
    """Of CPU time each second of the clock."""
    memory: int
    """Bytes, at the end; what processes share is counted once."""


def watch(leader: int) -> Callable[[], Usage]:
    """Start the clock; the function returned stops it."""
    start, used = time.monotonic(), cpu_seconds(leader)
    return lambda: Usage((cpu_seconds(leader) - used) / (time.monotonic() - start), memory(leader))


def cpu_seconds(leader: int) -> float:
    """Return the CPU time that the group's processes have used, in seconds."""
    return sum(int(fields[USER_TICKS]) + int(fields[SYSTEM_TICKS]) for fields in _group(leader).values()) / TICKS


def memory(leader: int) -> int:
    """Return the group's memory in bytes: the sum of what is proportionally each process's own."""
    return sum(map(_proportional_bytes, _group(leader)))


def members(leader: int) -> set[int]:
    """Return the group's processes."""
    return set(_group(leader))


def _group(leader: int) -> dict[int, list[str]]:
    everyone = {int(path.name): _stat(path) for path in Path("/proc").glob("[0-9]*")}
    stats = {pid: fields for pid, fields in everyone.items() if fields}
    found = {pid for pid, fields in stats.items() if int(fields[GROUP]) == leader}
    while more := {pid for pid, fields in stats.items() if int(fields[PARENT]) in found} - found:
        found |= more
    return {pid: stats[pid] for pid in found}


def _stat(process: Path) -> list[str]:
    with suppress(OSError):  # It may have ended meanwhile.
        return (process / "stat").read_text().rpartition(")")[2].split()
    return []


def _proportional_bytes(pid: int) -> int:
    with suppress(OSError):  # It may have ended meanwhile, and be waited for.
        for line in Path("/proc", str(pid), "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
