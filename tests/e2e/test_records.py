"""What a process writes to its log."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.flights import FLIGHT
from tests.support.function_process import FunctionProcess

PATIENCE_SECONDS = 30


@pytest.mark.parametrize("execution_id", ["true", "false"])
@pytest.mark.parametrize("target", ["predict", "predict_flask"])
def test_every_record_is_a_line_of_json(bundle_path: Path, target: str, execution_id: str) -> None:
    """The server's own too: here that a worker was killed."""
    environment = {"MODEL_URI": str(bundle_path), "LOG_EXECUTION_ID": execution_id}
    with FunctionProcess(environment, target=target) as function:
        function.ask_anew("/predict", {"instances": [FLIGHT]})
        for worker in Path(f"/proc/{function.pid}/task/{function.pid}/children").read_text().split():
            os.kill(int(worker), signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "SIGKILL" not in function.log():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        # Its successor answers; a worker that is not yet up would not hear that it shall stop.
        function.ask_anew("/predict", {"instances": [FLIGHT]})
        records = [json.loads(line) for line in function.log().splitlines()]
    assert {record["severity"] for record in records} == {"INFO", "ERROR"}
    (killed,) = [record for record in records if "SIGKILL" in record["message"]]
    assert (killed["severity"], killed["logger"]) == ("ERROR", "gunicorn.error")
