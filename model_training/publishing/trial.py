"""Trying a model as the function will, in a process that can do no harm and can't see the training's code."""

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
from model_training.publishing.identity import MAX_MODEL_BYTES, Identity, identify

SERVING = Path(function.__file__).parent
PROCESS = Path(__file__).with_name("trial_process.py")
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
"""Of the environment, which may hold credentials."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Each thread of a numeric library reserves memory: so the bound means the same on any machine."""
MAX_ANSWER_BYTES = 2**20


@dataclass(frozen=True)
class Limits:
    """What trying a model may take."""

    memory: int = 4 * 2**30
    """Bytes of address space. ONNX Runtime, scikit-learn and pandas take half a GiB of it before there is a model,
    and one of 240 MB was read within a whole one: four leave room for any model that may be uploaded."""
    seconds: int = 120


class Tried(msgspec.Struct, frozen=True):
    """What the serving code said of a model."""

    warnings: tuple[str, ...] = ()
    refused: str = ""
    """Why it must not be served; empty where it may."""
    out_of_memory: bool = False


def try_model(data: bytes, name: str, limits: Limits) -> tuple[Identity, tuple[str, ...]]:
    """Check a model file, and let the serving code load it and predict its golden rows; return what it warns of too.

    Args:
        data: the very bytes that will be served.
        name: of a model that does not know its own.
        limits: what that may take.

    Raises:
        Refused: saying why the file must not be served.
    """
    identity = identify(data)
    if is_bundle(data):
        _check_graphs(data)
    tried = run_trial(data, name, limits)
    if tried.out_of_memory:
        raise Refused(f"trying it takes more than {limits.memory / 2**30:g} GiB of memory")
    if tried.refused:
        raise Refused(tried.refused)
    return identity, tried.warnings


def _check_graphs(data: bytes) -> None:
    from model_training.bundling.graphs import check_graph

    bundle = read_bundle(data, MAX_MODEL_BYTES)
    for member in (ENCODER, ESTIMATOR):
        if member in bundle:
            check_graph(member, bundle.read(member))


def run_trial(data: bytes, name: str, limits: Limits, serving: Path = SERVING) -> Tried:
    """Run the process with a folder of its own, in which `serving` is called `function`.

    Raises:
        Refused: it did not come to an answer.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as answer:
        Path(folder, "function").symlink_to(serving)
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | ONE_THREAD
        numbers = map(str, (MAX_MODEL_BYTES, limits.memory, limits.seconds))
        try:
            ended = subprocess.run(
                [sys.executable, "-I", PROCESS, folder, name, *numbers],
                input=data,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env=environment,
                timeout=limits.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Refused(f"trying it takes more than {limits.seconds} s") from None
        return _verdict(answer, ended.returncode, limits)


def _verdict(answer: IO[bytes], code: int, limits: Limits) -> Tried:
    if code == -signal.SIGXCPU:
        raise Refused(f"trying it takes more than {limits.seconds} s")
    answer.seek(0)
    lines = answer.read(MAX_ANSWER_BYTES).splitlines()
    try:
        if code == 0 and lines:
            return msgspec.json.decode(lines[-1], type=Tried)
    except msgspec.MsgspecError:
        pass  # It wrote something else, which is no answer either.
    ending = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    raise Refused(
        f"the process that tried it ended with {ending} and no answer; its memory was bounded to "
        f"{limits.memory / 2**30:g} GiB"
    )
