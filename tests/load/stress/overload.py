"""Three times as many requests as one core can predict: those that are admitted are fast, the rest are told at once."""

import asyncio
import json
import time
from pathlib import Path

from tests.load.http_client import prepare
from tests.load.soak import Findings
from tests.load.stress.client import Load, p99
from tests.support.flights import FLIGHT
from tests.support.function_process import FunctionProcess

FACTOR = 3
ADMITTED_MS, REFUSED_MS, RECOVERY_SECONDS = 250.0, 50.0, 2.0
GROWTH = 0.10
ALONE = 50
"""Requests, one after the other, by which the service is compared before and after."""


def overload(name: str, path: Path, rows: int, seconds: float, findings: Findings) -> None:
    """Measure what an engine can do, and send three times as much."""
    request = prepare("/predict", json.dumps({"instances": [FLIGHT] * rows}).encode())
    with FunctionProcess({"MODEL_URI": str(path), "MAX_WAITING_REQUESTS": "128"}) as function:
        before = alone(function, rows)
        capacity = asyncio.run(_capacity(function.port, request))
        asyncio.run(_overloaded(function.port, request, FACTOR * capacity, 2.0))
        memory = function.memory()
        load = asyncio.run(_overloaded(function.port, request, FACTOR * capacity, seconds))
        ended = time.monotonic()
        while (after := alone(function, rows)) > 2 * before and time.monotonic() < ended + 10:
            pass
        recovery, growth = time.monotonic() - ended, function.memory() / memory - 1
    admitted = [each for each in load.exchanged if each.status == 200]
    refused = [each for each in load.exchanged if each.status == 503]
    others = len(load.exchanged) - len(admitted) - len(refused)
    findings.note(f"{name}: bodies of {rows} rows a second, at capacity", round(capacity))
    findings.note(f"{name}: sent at {FACTOR} times that, in {seconds:g} s", len(load.exchanged) + load.unsent)
    findings.note(f"{name}: admitted", len(admitted), holds=len(admitted) > 0)
    findings.note(f"{name}: admitted p99, ms", p99(admitted), holds=p99(admitted) < ADMITTED_MS)
    findings.note(f"{name}: refused", len(refused))
    findings.note(f"{name}: refused p99, ms", p99(refused), holds=p99(refused) < REFUSED_MS)
    findings.note(f"{name}: not sent, as {load._max} connections were busy", load.unsent)  # noqa: SLF001
    findings.note(f"{name}: neither 200 nor 503", others, holds=others == 0)
    findings.note(f"{name}: memory grew by, %", round(100 * growth, 1), holds=growth < GROWTH)
    findings.note(f"{name}: one alone, before and after, ms", f"{before:.1f}, {after:.1f}")
    took = round(recovery, 1)
    findings.note(f"{name}: seconds until it is as before", took, holds=recovery < RECOVERY_SECONDS + 1)


def alone(function: FunctionProcess, rows: int) -> float:
    """Return the median time of a request that is alone, in milliseconds."""
    times = []
    for _ in range(ALONE):
        start = time.perf_counter()
        function.client.post("/predict", json={"instances": [FLIGHT] * rows}).raise_for_status()
        times.append(1000 * (time.perf_counter() - start))
    return sorted(times)[ALONE // 2]


async def _capacity(port: int, request: bytes) -> float:
    load = Load(port)
    rate = await load.closed(request, 32, 3.0)
    load.close()
    return rate


async def _overloaded(port: int, request: bytes, rate: float, seconds: float) -> Load:
    load = Load(port)
    await load.connect(200)
    await load.at_rate([("small", request)], rate, seconds)
    load.close()
    return load
