"""`open-inference-openapi` asks a function all it can; what came back is printed as JSON."""

import json
import sys
from collections.abc import Callable
from typing import Any

from open_inference.openapi import client as openapi
from open_inference.openapi import types
from open_inference.openapi.core import ApiError


def request_of(flights: list[dict[str, Any]]) -> types.InferenceRequest:
    """Make an input of each column."""
    inputs = [
        types.RequestInput(
            name=name,
            shape=[len(flights)],
            datatype="INT64" if name == "month" else "BYTES",
            data=types.TensorData(__root__=[flight[name] for flight in flights]),
        )
        for name in flights[0]
    ]
    return types.InferenceRequest(inputs=inputs)


def tensors_of(response: types.InferenceResponse) -> dict[str, Any]:
    """Return the outputs' data by name."""
    return {output.name: json.loads(output.data.json()) for output in response.outputs}


def failure(ask: Callable[[], Any]) -> dict[str, Any]:
    """Return the status and the body of what must fail."""
    try:
        ask()
    except ApiError as error:
        return {"status": error.status_code, "body": error.body}
    raise AssertionError("this must fail")


def main(url: str, name: str, version: str, flights: list[dict[str, Any]]) -> dict[str, Any]:
    """Ask, and return the answers."""
    client = openapi.OpenInferenceClient(base_url=url)
    model, versioned = client.read_model_metadata(name), client.read_model_version_metadata(name, version)
    bad = [*flights, {**flights[0], "origin": "SFO"}]
    return {
        "outcomes": [client.check_server_liveness(), client.check_server_readiness()],
        "ready": [client.check_model_readiness(name), client.check_model_version_readiness(name, version)],
        "not_ready": failure(lambda: client.check_model_readiness("other")),
        "server": client.read_server_metadata().name,
        "inputs": [tensor.name for tensor in model.inputs],
        "same": model == versioned,
        "outputs": tensors_of(client.model_infer(name, request=request_of(flights))),
        "outputs_by_version": tensors_of(client.model_version_infer(name, version, request=request_of(flights))),
        "unknown_model": failure(lambda: client.model_infer("other", request=request_of(flights))),
        "bad_row": failure(lambda: client.model_infer(name, request=request_of(bad))),
    }


if __name__ == "__main__":
    print(json.dumps(main(**json.loads(sys.argv[1]))))  # noqa: T201
