"""README's way from your own table to a prediction, typed in a clone of the repository."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from function.model.bundle import read_bundle
from tests.support.checkout import checkout
from tests.support.documents import README, Block, blocks
from tests.support.function_process import START_SECONDS, uncovered
from tests.support.ports import free_port


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone in which the commands are typed."""
    return checkout(tmp_path_factory.mktemp("own") / "clone")


@pytest.fixture(scope="module")
def commands() -> tuple[Block, Block, Block]:
    """The three commands, one after the other."""
    following = list(blocks(README, "sh"))
    first = next(i for i, block in enumerate(following) if "taxiway init" in block.text)
    init, serve, curl = following[first : first + 3]
    return init, serve, curl


@pytest.fixture(scope="module")
def port(clone: Path, commands: tuple[Block, Block, Block]) -> Iterator[int]:
    """The port at which `make serve` serves what `init` described."""
    init, serve, _ = commands
    assert init.commands() == [".venv/bin/taxiway init --data docs/parcels.csv --target late"]
    assert serve.commands() == ["make serve"]
    environment = environment_of(clone)
    subprocess.run(["bash", "-ec", init.text], cwd=clone, env=environment, check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    with (clone / "serve.log").open("w") as log:
        process = subprocess.Popen(
            ["bash", "-ec", f"{serve.text.strip()} PORT={port}"],
            cwd=clone,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait(process, port, clone / "serve.log")
            yield port
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)


def environment_of(clone: Path) -> dict[str, str]:
    """Return the environment of a person's terminal, whose programs run the clone's code."""
    mine = {name: value for name, value in uncovered().items() if name not in ("TAXIWAY_CONFIG", "MODEL_URI")}
    return {**mine, "PYTHONPATH": str(clone)}


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + 3 * START_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return


def test_the_table_is_served(clone: Path, port: int, commands: tuple[Block, Block, Block]) -> None:
    """The request that training wrote gets the prediction that is shown."""
    *_, curl = commands
    typed = curl.text.replace("localhost:8080", f"127.0.0.1:{port}").replace("curl ", "curl -sS ")
    printed = subprocess.run(["bash", "-ec", typed], cwd=clone, check=True, capture_output=True, text=True).stdout
    assert printed.strip() == curl.output.strip()


def test_it_is_the_model_of_the_table(clone: Path, port: int) -> None:
    """With its name, its classes and a row of its typical values."""
    model = httpx.get(f"http://127.0.0.1:{port}/model", trust_env=False).json()
    assert model["name"] == "parcels"
    manifest = read_bundle((clone / "build" / "model.zip").read_bytes(), 2**30).manifest
    request = json.loads((clone / "build" / "model.request.json").read_text("utf-8"))
    assert request == {"instances": [{feature.name: feature.typical for feature in manifest.features}]}


def test_a_changed_file_is_trained_again(clone: Path, port: int) -> None:
    """By make, which does nothing if it did not change."""

    def make() -> str:
        command = ["make", "build/model.zip"]
        done = subprocess.run(command, cwd=clone, env=environment_of(clone), check=True, capture_output=True, text=True)
        return done.stdout

    assert "taxiway train" not in make()
    path = clone / "taxiway.toml"
    path.write_text(path.read_text("utf-8").replace("# threshold = ", "threshold = "), "utf-8")
    os.utime(path, (time.time() + 5,) * 2)
    assert "taxiway train" in make()
    assert read_bundle((clone / "build" / "model.zip").read_bytes(), 2**30).manifest.threshold != 0.5
