"""Test a model with the code of the function, in an isolated process with limits and without the training code."""

import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

import function
from function.errors import Refused
from function.model.bundle import ENCODER, ESTIMATOR, is_bundle, read_bundle
from model_training.publishing.identity import Identity, identify, max_model_bytes

SERVING = Path(function.__file__).parent
PROCESS = Path(__file__).with_name("trial_process.py")
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
"""The environment variables that the process gets; others may hold credentials."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Numeric libraries reserve memory for each thread: with one, the limit means the same on any machine."""
MAX_OUTPUT_BYTES = 2**20


@dataclass(frozen=True)
class Limits:
    """The limits of the process that tests a model."""

    memory: int = 4 * 2**30
    """Bytes of address space. ONNX Runtime, scikit-learn and pandas take half a GiB before a model is loaded, and
    reading a model of 240 MB took one GiB: four GiB are enough for the largest model that may be uploaded."""
    seconds: int = 120
    """Seconds, of CPU and of time that passes."""


class TrialResult(msgspec.Struct, frozen=True):
    """The output of the process that tests a model."""

    warnings: tuple[str, ...] = ()
    refused: str = ""
    """Why the model must not be served; empty if it may."""
    out_of_memory: bool = False


def try_model(data: bytes, name: str, limits: Limits) -> tuple[Identity, tuple[str, ...]]:
    """Load a model file with the serving code and predict its golden rows; return its identity and warnings.

    Args:
        data: the bytes of the file, exactly as they will be served.
        name: name of the model, if the file has none.
        limits: limits of memory and time.

    Raises:
        Refused: the file must not be served.
    """
    identity = identify(data)
    if is_bundle(data):
        _check_graphs(data)
    result = run_trial(data, name, limits)
    if result.out_of_memory:
        raise Refused(f"loading and testing it takes more than {limits.memory / 2**30:g} GiB of memory")
    if result.refused:
        raise Refused(result.refused)
    return identity, result.warnings


def _check_graphs(data: bytes) -> None:
    from model_training.bundling.graphs import check_graph

    bundle = read_bundle(data, max_model_bytes())
    for member in (ENCODER, ESTIMATOR):
        if member in bundle:
            check_graph(member, bundle.read(member))


def run_trial(data: bytes, name: str, limits: Limits, serving: Path = SERVING) -> TrialResult:
    """Run the test process in a temporary folder that contains only `serving`, as the package `function`.

    Raises:
        Refused: the process ended without a result, or exceeded the time.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        Path(folder, "function").symlink_to(serving)
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | ONE_THREAD
        numbers = map(str, (max_model_bytes(), limits.memory, limits.seconds))
        try:
            ended = subprocess.run(
                [sys.executable, "-I", PROCESS, folder, name, *numbers],
                input=data,
                stdout=output,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env=environment,
                timeout=limits.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _too_slow(limits) from None
        return _result(output, ended.returncode, limits)


def _too_slow(limits: Limits) -> Refused:
    return Refused(f"loading and testing it takes more than {limits.seconds} s, the limit of --trial-seconds")


def _result(output: IO[bytes], code: int, limits: Limits) -> TrialResult:
    if code == -signal.SIGXCPU:
        raise _too_slow(limits)
    output.seek(0)
    lines = output.read(MAX_OUTPUT_BYTES).splitlines()
    try:
        if code == 0 and lines:
            return msgspec.json.decode(lines[-1], type=TrialResult)
    except msgspec.MsgspecError:
        pass  # The last line is not a result: handle it like no output.
    ending = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    raise Refused(
        f"the process that loaded and tested it ended with {ending} and no result; its memory limit was "
        f"{limits.memory / 2**30:g} GiB"
    )
