"""serve.py, which `make serve` runs: it says that it serves when it does, and how to call the model that it serves."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.foreign_models import MODELS
from tests.support.function_process import ROOT
from tests.support.packed_models import packed_of
from tests.support.ports import free_port


@contextmanager
def served(uri: object, port: int, host: str = "127.0.0.1") -> Iterator["subprocess.Popen[str]"]:
    """Run the script, and stop it as a person does."""
    process = subprocess.Popen(
        [sys.executable, "serve.py", host, str(port)],
        cwd=ROOT,
        env={**os.environ, "MODEL_URI": str(uri)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=30)


def printed(process: "subprocess.Popen[str]") -> str:
    """Return what it prints when it answers: up to the request, and the empty line after that."""
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    return "".join([*lines, *([process.stdout.readline() for _ in range(3)] if "Try:" in lines[1] else [])])


@pytest.mark.parametrize("name", ["flights", "mixed", "nameless"])
def test_the_request_that_is_printed_is_one_of_the_live_model(name: str, bundle_path: Path, tmp_path: Path) -> None:
    """Typed as it stands there, it gets a prediction; of named features, or of a vector."""
    path = bundle_path
    if name != "flights":
        path = tmp_path / "model.zip"
        path.write_bytes(packed_of(MODELS[name](), name).data)
    port = free_port()
    with served(path, port) as process:
        text = printed(process)
        assert f"on http://localhost:{port}. Stop with Ctrl-C. Try:" in text
        command = text.partition("Try:")[2].replace("curl ", "curl -sS ").replace("localhost", "127.0.0.1")
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(('{"predictions":[', '{"prediction":')), done.stdout
    assert process.returncode == 0


def test_other_machines_cannot_call_it(bundle_path: Path) -> None:
    """Unless HOST says so: it listens on the loopback interface alone."""
    port = free_port()
    with served(bundle_path, port) as process:
        printed(process)
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", port), timeout=5).close()


def test_a_port_that_is_taken_is_a_sentence(bundle_path: Path) -> None:
    """And nothing claims to serve."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with served(bundle_path, port) as process:
            out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, "")
    assert f"make serve PORT={port + 1}" in err


def test_no_model_is_said(tmp_path: Path) -> None:
    """With what to do; the function runs all the same."""
    with served(tmp_path / "none.zip", free_port()) as process:
        assert "without a model. There is no model to serve: there is no file" in printed(process)
