"""Pack damaged files of boosters: each is refused with a sentence, or served as its library predicts.

`python -m tests.integration.exact.hostile_packing FILES [SECONDS]` damages files of each format at random, and lets a
process pack one after the other by all that `pack` does. A file that ends it, stalls it or lets it grow is a fault.
"""

import json
import os
import resource
import select
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from function.errors import Refused as NotServed
from function.model.engines.sklearn import UNSUPPORTED_ERRORS
from function.model.manifest import Origin
from model_training.bundling.building import build_bundle
from model_training.bundling.exact.boosters.open import open_native
from model_training.bundling.exact.boosters.trial import ONE_THREAD, Trial
from model_training.bundling.exact.refused import Refused
from model_training.data.dataset import Dataset
from tests.integration.exact.boosters import FULL, NUMBERS
from tests.integration.exact.hostile_files import damaged, native_files
from tests.integration.exact.trial_server import TrialServer

SEED = 11
SMALL, FEW = 2, 60
"""How many rounds of trees a model has, and its sample rows: what is served is proved in less time."""
STALLED = 300
"""Seconds without an answer; the trial alone may take 120."""
GROWTH = 2**30
"""Bytes that the process may grow by."""
EQUAL, FAULT = "served, equal", "fault"


def files() -> dict[str, bytes]:
    """Return an undamaged file of each format; the suffix says which."""
    return {name: data for name, (_, data) in native_files(SMALL).items()}


def sample_of(name: str) -> pd.DataFrame:
    """Return the rows to pack a file with."""
    X = FULL if name.startswith(("xgboost", "lightgbm")) else NUMBERS
    return pd.DataFrame(X[:FEW], columns=[f"x{place}" for place in range(X.shape[1])])


def pack(name: str, data: bytes, trial: Trial) -> str:
    """Do what `pack` does with a file; return that it is served, or why it is refused."""
    rows = sample_of(name)
    try:
        model = open_native(Path(name).suffix, data, rows, trial=trial)
        packed = build_bundle(model, Dataset("m", rows, None, Origin("sample", "0" * 64, len(rows))), None, seed=0)
    except (Refused, NotServed, *UNSUPPORTED_ERRORS) as error:  # Of these the command makes sentences.
        return f"refused: {error}" if str(error).strip() else f"{FAULT}: {type(error).__name__} without a message"
    except Exception as error:
        return f"{FAULT}: {type(error).__name__}: {error}"[:300]
    return EQUAL if packed.manifest.proof else f"{FAULT}: served without a proof"


def work(folder: str, name: str, first: int, last: int) -> None:
    """Pack damaged files one after the other; print a line of JSON for each."""
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # What libraries print is no answer.
    whole, trial, before = Path(folder, name).read_bytes(), TrialServer(), _peak()
    for number in range(first, last):
        (data,) = damaged(whole, np.random.default_rng([SEED, number]), 1)
        start = time.monotonic()
        outcome = pack(name, data, trial)
        grown = _peak() - before
        if grown > GROWTH:
            outcome = f"{FAULT}: the process has grown by {grown / 2**30:.1f} GiB"
        print(json.dumps([number, outcome, time.monotonic() - start]), file=answers, flush=True)
    trial.close()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@dataclass
class Found:
    """What happened to the damaged files of one format."""

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def add(self, number: int, outcome: str, seconds: float) -> None:
        """Count a file."""
        kind = outcome.partition(":")[0]
        self.outcomes[kind] += 1
        self.slowest = max(self.slowest, seconds)
        if kind == FAULT:
            self.faults.append(f"{number}: {outcome}")


def attack(name: str, data: bytes, number: int, until: float = float("inf")) -> Found:
    """Damage a file so many times, or until a time of the monotonic clock, and pack what comes out."""
    found, done = Found(), 0
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).write_bytes(data)
        while done < number and time.monotonic() < until:
            for answer in _answers(folder, name, done, number):
                done += 1
                found.add(*answer)
                if time.monotonic() > until:
                    break
    return found


def _answers(folder: str, name: str, first: int, last: int) -> Iterator[tuple[int, str, float]]:
    """Let a process pack files; the last answer is a fault if it ends or stalls before it is done."""
    command = [sys.executable, "-m", "tests.integration.exact.hostile_packing", "work", folder, name]
    process = subprocess.Popen(
        [*command, str(first), str(last)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **ONE_THREAD},
    )
    assert process.stdout is not None
    try:
        while first < last:
            ready, _, _ = select.select([process.stdout], [], [], STALLED)
            line = process.stdout.readline() if ready else b""
            if not line:
                how = f"ends with {process.wait()}" if ready else f"stalls for {STALLED} s"
                yield first, f"{FAULT}: the process {how}", 0.0
                return
            first += 1
            yield tuple(json.loads(line))
    finally:
        process.kill()
        process.wait()


def main(number: int, seconds: float) -> int:
    """Attack each format, and print what was found."""
    originals: Mapping[str, bytes] = files()
    faults: list[Any] = []
    for name, data in originals.items():
        found = attack(name, data, number, time.monotonic() + seconds / len(originals))
        faults += found.faults
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(found.outcomes.items()))
        print(f"{name:16} {counts}; the slowest {found.slowest:.1f} s", flush=True)  # noqa: T201 - a program
        for fault in found.faults:
            print(f"  {fault}", flush=True)  # noqa: T201 - a program
    return 1 if faults else 0


if __name__ == "__main__":
    if sys.argv[1] == "work":
        work(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    else:
        sys.exit(main(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else float("inf")))
