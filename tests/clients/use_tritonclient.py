"""`tritonclient` asks a function all it can; what came back is printed as JSON."""

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from tritonclient import http
from tritonclient.utils import InferenceServerException

Inputs = list[http.InferInput]
OUTPUTS = ("predict", "predict_proba")
BOTH = (True, False)


def inputs_of(flights: list[dict[str, Any]], *, binary: bool = False) -> Inputs:
    """Make an input of each column."""
    tensors = []
    for name in flights[0]:
        values = np.array([[flight[name]] for flight in flights], dtype=np.int32 if name == "month" else object)
        tensor = http.InferInput(name, list(values.shape), "INT32" if name == "month" else "BYTES")
        tensors.append(tensor.set_data_from_numpy(values, binary_data=binary))
    return tensors


def ways(client: Any, name: str, inputs: Inputs) -> list[dict[str, Any]]:
    """Return the labels and probabilities of all ways to ask: by default, compressed, and for outputs in JSON."""
    options: list[dict[str, Any]] = [
        {},
        {"request_compression_algorithm": "gzip"},
        *({"outputs": [http.InferRequestedOutput(each, binary_data=binary) for each in OUTPUTS]} for binary in BOTH),
        {"outputs": [http.InferRequestedOutput(each, binary_data=each == "predict") for each in OUTPUTS]},
    ]
    results = [client.infer(name, inputs, **each) for each in options]
    return [{output: result.as_numpy(output).tolist() for output in OUTPUTS} for result in results]


def failure(ask: Callable[[], Any]) -> dict[str, str]:
    """Return the status and the sentence of what must fail."""
    try:
        ask()
    except InferenceServerException as error:
        return {"status": error.status(), "message": error.message()}
    raise AssertionError("this must fail")


def main(url: str, name: str, version: str, flights: list[dict[str, Any]]) -> dict[str, Any]:
    """Ask, and return the answers."""
    client = http.InferenceServerClient(url.removeprefix("http://"))
    by_name = client.infer(name, inputs_of(flights), request_id="42")
    wanted = [http.InferRequestedOutput("predict_proba", binary_data=False)]
    by_version = client.infer(name, inputs_of(flights), version, outputs=wanted)
    bad = [*flights, {**flights[0], "origin": "SFO"}]
    return {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "model_ready": [client.is_model_ready(name), client.is_model_ready(name, version)],
        "others_ready": [client.is_model_ready("other"), client.is_model_ready(name, "1")],
        "server": client.get_server_metadata(),
        "model": client.get_model_metadata(name, version),
        "id": by_name.get_response()["id"],
        "labels": by_name.as_numpy("predict").tolist(),
        "probabilities": by_name.as_numpy("predict_proba").tolist(),
        "outputs_by_version": [output["name"] for output in by_version.get_response()["outputs"]],
        "probabilities_by_version": by_version.as_numpy("predict_proba").tolist(),
        "unknown_model": failure(lambda: client.infer("other", inputs_of(flights))),
        "unknown_version": failure(lambda: client.get_model_metadata(name, "1")),
        "bad_row": failure(lambda: client.infer(name, inputs_of(bad))),
        "bad_binary_row": failure(lambda: client.infer(name, inputs_of(bad, binary=True))),
        "binary": ways(client, name, inputs_of(flights, binary=True)),
    }


if __name__ == "__main__":
    print(json.dumps(main(**json.loads(sys.argv[1]))))  # noqa: T201
