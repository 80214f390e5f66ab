"""MLflow's client asks a function all it can; what came back is printed as JSON."""

import json
import sys
from typing import Any

import numpy as np
import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient


def refusal(client: ScoringServerClient, data: Any, params: dict[str, Any] | None = None) -> str:
    """Return the text of the error that a request gets."""
    try:
        client.invoke(data, params)
    except Exception as error:
        return str(error)
    return ""


def main(host: str, port: int, rows: list[dict[str, Any]], bad: dict[str, Any]) -> dict[str, Any]:
    """Ask, and return the answers."""
    client = ScoringServerClient(host, port)
    client.wait_server_ready(timeout=30)
    frame = pd.DataFrame(rows)
    numbers = [str(name) for name in frame if frame[name].dtype == float]
    infinite = frame.copy()
    infinite[numbers] = np.inf
    return {
        "version": client.get_version(),
        "missing": int(frame.isna().sum().sum()),
        "labels": client.invoke(frame).get_predictions()[0].tolist(),
        "probabilities": client.invoke(frame, {"output": "probability"}).get_predictions()[0].tolist(),
        "inputs": client.invoke(frame.to_numpy()).get_predictions()[0].tolist(),
        "bad": refusal(client, frame.assign(**bad)),
        "infinite": refusal(client, infinite) if numbers else "",
        "params": refusal(client, frame, {"output": "logits"}),
    }


if __name__ == "__main__":
    print(json.dumps(main(**json.loads(sys.argv[1]))))  # noqa: T201
