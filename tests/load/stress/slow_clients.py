"""500 clients that send a byte a second, beside 200 ordinary ones."""

import asyncio
import json
from pathlib import Path

from tests.load.http_client import prepare
from tests.load.soak import Findings
from tests.load.stress.client import Load, p99
from tests.support.flights import FLIGHT
from tests.support.function_process import FunctionProcess

SLOW, ORDINARY, RATE = 500, 200, 400.0
FACTOR = 2.0
LEAST_MS = 5.0
"""Below this, a p99 says more about the machine than about the service."""


def slow_clients(path: Path, seconds: float, findings: Findings) -> None:
    """Compare the ordinary clients' times without and beside slow ones."""
    with FunctionProcess({"MODEL_URI": str(path)}) as function:
        before, beside = asyncio.run(_both(function.port, seconds))
        answered = function.client.post("/predict", json={"instances": [FLIGHT]}).status_code
    failed = [each for each in beside.exchanged if each.status != 200]
    limit = FACTOR * max(p99(before.exchanged), LEAST_MS)
    findings.note("slow clients: p99 of ordinary ones without them, ms", p99(before.exchanged))
    findings.note(f"slow clients: p99 beside {SLOW}, ms", p99(beside.exchanged), holds=p99(beside.exchanged) <= limit)
    findings.note("slow clients: ordinary requests that failed", len(failed), holds=not failed)
    findings.note("slow clients: status afterwards", answered, holds=answered == 200)


async def _both(port: int, seconds: float) -> tuple[Load, Load]:
    warm = await _ordinary(port, 1.0)
    warm.close()
    before = await _ordinary(port, seconds)
    slow = [asyncio.create_task(_trickle(port)) for _ in range(SLOW)]
    await asyncio.sleep(2)
    beside = await _ordinary(port, seconds)
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    return before, beside


async def _ordinary(port: int, seconds: float) -> Load:
    load = Load(port, ORDINARY)
    await load.connect(ORDINARY)
    await load.at_rate([("small", prepare("/predict", json.dumps({"instances": [FLIGHT]}).encode()))], RATE, seconds)
    return load


async def _trickle(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for byte in prepare("/predict", bytes(1000)):
            writer.write(bytes([byte]))
            await asyncio.sleep(1)
    finally:
        writer.close()
