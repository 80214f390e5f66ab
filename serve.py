"""Serve a model on this machine, and print how to call it as soon as it answers; `make serve` runs it.

python serve.py HOST PORT
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

FRAMEWORK = Path(sys.executable).with_name("functions-framework")
EVERY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 (this compares, and does not listen)
TIMEOUT = 60.0
"""Seconds for a response; the first one loads the model."""
_open = build_opener(ProxyHandler({})).open


def main(host: str, port: int) -> int:
    """Start the functions framework, and stop with it; return its exit code."""
    if not is_free(host, port):
        sys.stderr.write(f"Port {port} of {host} is in use. Choose another port: make serve PORT={port + 1}\n")
        return 1
    command: list[str | Path] = [FRAMEWORK, "--target=predict", f"--host={host}", f"--port={port}"]
    with subprocess.Popen(command, env={**os.environ, "HOST": host}) as process:
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C stops the framework, which is in the same group.
        called = "localhost" if host in (*EVERY_ADDRESS, "127.0.0.1") else host
        while process.poll() is None:
            if is_up("127.0.0.1" if host in EVERY_ADDRESS else host, port):
                sys.stdout.write(advice(f"{called}:{port}"))
                sys.stdout.flush()
                break
            time.sleep(0.1)
        return process.wait()


def is_free(host: str, port: int) -> bool:
    """Return whether a server can listen on a port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True


def is_up(host: str, port: int) -> bool:
    """Return whether the function answers."""
    try:
        return bool(get(f"{host}:{port}", "/health"))
    except (URLError, OSError):
        return False


def get(address: str, path: str) -> Any:
    """Return the JSON of a response."""
    with _open(f"http://{address}{path}", timeout=TIMEOUT) as response:
        return json.load(response)


def advice(address: str) -> str:
    """Describe what is served, with a request that the live model can answer; or why nothing is."""
    model, api = get(address, "/model"), get(address, "/openapi.json")
    if model["unavailable"]:
        return f"\nServing on http://{address}, without a model. {model['unavailable']}\n\n"
    content = api["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    (body, *_) = [example["value"] for example in content["examples"].values()]
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False).replace("'", "'\\''")
    return "\n".join(
        [
            "",
            f"Serving {model['name']} {model['version']} on http://{address}. Stop with Ctrl-C. Try:",
            "",
            f"  curl {address}/predict -H 'Content-Type: application/json' \\",
            f"    -d '{text}'",
            "",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
