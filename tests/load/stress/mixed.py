"""Bodies of 50,000 rows, explanations, bad bodies and small requests at once, with an upload every four seconds."""

import asyncio
import json
import threading
import time
from collections.abc import Sequence

from google.cloud import storage

from tests.load.http_client import prepare
from tests.load.soak import Findings
from tests.load.stress.client import Load, p99
from tests.support.flights import FLIGHT
from tests.support.function_process import FunctionProcess

UPLOAD_SECONDS = 4.0
HEALTH_MS = 20.0
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
EXPECTED = {"large": 200, "explained": 200, "bad": 422, "small": 200, "health": 200}


def requests() -> list[tuple[str, bytes]]:
    """Return the mixture: of 400 requests one is large, nine are explanations, and 40 are bad."""

    def post(**content: object) -> bytes:
        return prepare("/predict", json.dumps(content, separators=(",", ":")).encode())

    kinds = {
        "large": post(instances=[FLIGHT] * 50_000),
        "explained": post(instances=[FLIGHT] * 20, parameters={"output": "explanation"}),
        "bad": post(instances=[{**FLIGHT, "origin": "SFO"}]),
        "small": post(instances=[FLIGHT]),
    }
    order = [
        "large" if n == 0 else "explained" if n % 40 == 20 else "bad" if n % 10 == 5 else "small" for n in range(400)
    ]
    return [(kind, kinds[kind]) for kind in order]


def mixed(blob: storage.Blob, models: Sequence[bytes], seconds: float, findings: Findings) -> None:
    """Send the mixture at a rate, and ask for the health beside it."""
    done, uploads = threading.Event(), 0
    blob.upload_from_string(models[0])

    def upload_all() -> None:
        nonlocal uploads
        while not done.wait(UPLOAD_SECONDS):
            uploads += 1
            blob.upload_from_string(models[uploads % len(models)])

    with FunctionProcess({"MODEL_URI": "gs://models/model", "MODEL_REFRESH_SECONDS": "1"}) as function:
        function.client.post("/predict", json={"instances": [FLIGHT]})
        uploader = threading.Thread(target=upload_all)
        uploader.start()
        load, health = asyncio.run(_send(function.port, seconds))
        done.set()
        uploader.join()
    for kind, status in EXPECTED.items():
        found = [each for each in (*load.exchanged, *health.exchanged) if each.kind == kind]
        wrong = [each for each in found if each.status != status]
        findings.note(f"mixed: {kind}, requests and p99 in ms", f"{len(found)}, {p99(found)}", holds=bool(found))
        findings.note(f"mixed: {kind}, without the status {status}", len(wrong), holds=not wrong)
    slowest = p99(health.exchanged)
    findings.note("mixed: p99 of /health, ms", slowest, holds=slowest < HEALTH_MS)
    findings.note("mixed: uploads meanwhile", uploads, holds=uploads > 0)


async def _send(port: int, seconds: float) -> tuple[Load, Load]:
    load, health = Load(port), Load(port, 4)
    await load.connect(50)
    await asyncio.gather(load.at_rate(requests(), 200.0, seconds), health.at_rate([("health", HEALTH)], 20.0, seconds))
    return load, health


def frozen(blob: storage.Blob, models: Sequence[bytes], freeze: float, findings: Findings) -> None:
    """Freeze the process after each response, as the platform does, and count until an upload is served."""
    import os
    import signal

    blob.upload_from_string(models[0])
    with FunctionProcess({"MODEL_URI": "gs://models/model", "MODEL_REFRESH_SECONDS": "0.5"}) as function:
        first = function.client.post("/predict", json={"instances": [FLIGHT]}).headers["x-model-version"]
        blob.upload_from_string(models[1])
        start, count, version, failed = time.monotonic(), 0, first, 0
        while version == first and count < 400:
            os.killpg(function.pid, signal.SIGSTOP)
            time.sleep(freeze)
            os.killpg(function.pid, signal.SIGCONT)
            response = function.client.post("/predict", json={"instances": [FLIGHT]})
            failed += response.status_code != 200
            version, count = response.headers.get("x-model-version", first), count + 1
        findings.note("frozen: requests until an upload is served", count, holds=version != first and count <= 20)
        findings.note("frozen: seconds until then", round(time.monotonic() - start, 1))
        findings.note("frozen: requests that failed", failed, holds=not failed)
