"""Uploads under a steady load, then reloads as fast as they are seen: figures, and exit code 1 if they break a promise.

python -m tests.load.soak
"""

import asyncio
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec
from google.cloud import storage
from rich.console import Console
from rich.table import Table

from function.model.bundle import read_bundle, write_bundle
from function.model.loaded import load
from model_training.commands.train import make_bundle
from model_training.fitting.estimators import EstimatorName
from tests.load.http_client import Answer, ask_steadily, prepare
from tests.local_cloud import LocalCloud
from tests.support.function_process import ROOT, FunctionProcess

LIMIT = 10_000_000
UPLOADS, UPLOAD_SECONDS, SETTLED_SECONDS = 20, 4.0, 3.0
RATE = 500.0
RELOADS = 50
PROCESSES = 10
GROWTH = 0.10
ROW = {"carrier": "UA", "month": 7, "origin": "EWR", "period": "evening"}
BODY = json.dumps({"instances": [ROW], "parameters": {"output": "probability"}}).encode()
console = Console(stderr=True)


@dataclass
class Findings:
    """What is told at the end; `broken` lists the promises that did not hold."""

    figures: dict[str, str | int | float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def note(self, name: str, value: float | str, *, holds: bool = True) -> None:
        """Take down a figure, and whether it is as it should be."""
        self.figures[name] = value
        if not holds:
            self.broken.append(name)

    def report(self, name: str) -> int:
        """Print the figures, write them to build/NAME.json, and return the exit code."""
        table = Table("figure", "value", "")
        for figure, value in self.figures.items():
            table.add_row(figure, str(value), "[red]broken" if figure in self.broken else "")
        Console().print(table)
        Path(ROOT, "build").mkdir(exist_ok=True)
        Path(ROOT, "build", f"{name}.json").write_text(json.dumps(self.figures, indent=1))
        return 1 if self.broken else 0


def versions() -> dict[str, bytes]:
    """Train models that all predict something else, by version."""
    made = {}
    for seed in range(UPLOADS):
        packed = make_bundle(EstimatorName.LOGISTIC_REGRESSION, 5000, seed)
        made[packed.manifest.version] = packed.data
    return made


def expected_answers(models: dict[str, bytes]) -> dict[str, bytes]:
    """Say what each version answers, by the model itself."""
    answers = {}
    for version, data in models.items():
        model = load(data, None, LIMIT)
        (row,) = msgspec.convert([ROW], list[model.schema.Row])  # type: ignore[name-defined]
        probabilities = model.predict_columns(model.schema.columns([row])).probabilities
        assert probabilities is not None
        answers[version] = msgspec.json.encode({"predictions": [float(probabilities[0, 1])]})
    return answers


def soak(function: FunctionProcess, blob: storage.Blob, models: dict[str, bytes], findings: Findings) -> None:
    """Upload one version after another under a constant load, and look at every answer."""
    expected, uploads, done = expected_answers(models), [], threading.Event()

    def upload_all() -> None:
        for version, data in models.items():
            blob.upload_from_string(data)
            uploads.append((time.monotonic(), version))
            time.sleep(UPLOAD_SECONDS)
        done.set()

    uploader = threading.Thread(target=upload_all)
    uploader.start()
    answers = asyncio.run(ask_steadily(function.port, prepare("/predict", BODY), RATE, lambda: not done.is_set()))
    uploader.join()
    failed = [answer for answer in answers if answer.status != httpx.codes.OK]
    wrong = [answer for answer in answers if answer.status and answer.body != expected.get(answer.version)]
    late = [answer for answer in answers if is_stale(answer, uploads)]
    findings.note("requests", len(answers), holds=len(answers) >= 0.9 * RATE * UPLOADS * UPLOAD_SECONDS)
    findings.note("uploads", len(uploads))
    findings.note("versions that answered", len({answer.version for answer in answers}), holds=True)
    findings.note("failed requests", len(failed), holds=not failed)
    findings.note("answers that are not their version's", len(wrong), holds=not wrong)
    findings.note(f"answers of an older version {SETTLED_SECONDS:g} s after an upload", len(late), holds=not late)


def is_stale(answer: Answer, uploads: list[tuple[float, str]]) -> bool:
    """Tell whether a newer version had been uploaded long enough before it was asked."""
    settled = [version for at, version in uploads if at + SETTLED_SECONDS <= answer.asked]
    newest = [version for at, version in uploads if at <= answer.asked]
    return bool(settled) and settled[-1] == newest[-1] != answer.version


def reload(function: FunctionProcess, blob: storage.Blob, data: bytes, findings: Findings) -> None:
    """Upload as soon as the last upload is served, and watch the memory."""
    bundle, memory = read_bundle(data, LIMIT), []
    members = {name: bundle.read(name) for name in bundle.manifest.members}
    for number in range(RELOADS):
        version = upload_variant(blob, write_bundle(bundle.manifest, {**members, "model.joblib": b"%d" % number}))
        while function.client.post("/predict", content=BODY).headers["x-model-version"] != version:
            time.sleep(0.01)
        memory.append(function.memory())
    early, end = statistics.median(memory[10:20]), statistics.median(memory[40:50])
    findings.note("reloads", RELOADS)
    findings.note("memory after reloads 10-20, MB", round(early / 1e6, 1))
    findings.note("memory after reloads 40-50, MB", round(end / 1e6, 1), holds=end <= early * (1 + GROWTH))


def converge(processes: Sequence[FunctionProcess], blob: storage.Blob, data: bytes, findings: Findings) -> None:
    """Upload once, and ask every process on new connections until none answers by an older version."""
    version, uploaded = upload_variant(blob, data), time.monotonic()
    last_old = uploaded
    while time.monotonic() < uploaded + 2 * SETTLED_SECONDS:
        for process in processes:
            asked = time.monotonic()
            if process.ask_anew("/predict", json.loads(BODY)).headers["x-model-version"] != version:
                last_old = asked
    findings.note("processes that converge, one of them of two workers", len(processes))
    took = round(last_old - uploaded, 2)
    findings.note(
        "seconds after an upload that one of them answered by the older version", took, holds=took <= SETTLED_SECONDS
    )


def upload_variant(blob: storage.Blob, data: bytes) -> str:
    """Upload a bundle; return its version."""
    blob.upload_from_string(data)
    return read_bundle(data, LIMIT).manifest.version


def main() -> int:
    """Run both, print the table, write build/soak.json."""
    findings = Findings()
    console.print("Training the versions ...")
    models = versions()
    with LocalCloud() as cloud:
        os.environ.update(cloud.environment())
        client = storage.Client("soak")
        blob = client.create_bucket("models").blob("model")
        blob.upload_from_string(next(iter(models.values())))
        environment = {"MODEL_URI": "gs://models/model", "MODEL_REFRESH_SECONDS": "1"}
        with FunctionProcess(environment) as function:
            console.print(f"{UPLOADS} uploads, {UPLOAD_SECONDS:g} s apart, under {RATE:g} requests a second ...")
            soak(function, blob, models, findings)
            console.print(f"{RELOADS} reloads as fast as they are seen ...")
            reload(function, blob, next(iter(models.values())), findings)
        console.print(f"{PROCESSES} processes ...")
        with ExitStack() as stack:
            alone = [FunctionProcess(environment) for _ in range(PROCESSES - 1)]
            processes = [FunctionProcess({**environment, "WORKERS": "2"}), *alone]
            for process in processes:
                stack.enter_context(process)
            for process in processes * 4:
                process.ask_anew("/predict", json.loads(BODY))
            converge(processes, blob, list(models.values())[1], findings)
    return findings.report("soak")


if __name__ == "__main__":
    sys.exit(main())
