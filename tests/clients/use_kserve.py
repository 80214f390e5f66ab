"""`kserve.InferenceRESTClient` asks a function by V1 and by V2; what came back is printed as JSON."""

import asyncio
import json
import sys
from collections.abc import Awaitable
from typing import Any

import httpx
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig


def request_of(name: str, flights: list[dict[str, Any]]) -> InferRequest:
    """Make an input of each column."""
    datatypes = {"month": "INT64"}
    inputs = [
        InferInput(column, [len(flights)], datatypes.get(column, "BYTES"), data=[flight[column] for flight in flights])
        for column in flights[0]
    ]
    return InferRequest(name, inputs, request_id="42")


async def failure(asked: Awaitable[Any]) -> dict[str, Any]:
    """Return the status and the sentence of what must fail."""
    try:
        await asked
    except httpx.HTTPStatusError as error:
        return {"status": error.response.status_code, "message": str(error)}
    raise AssertionError("this must fail")


async def ask_v1(url: str, name: str, flights: list[dict[str, Any]]) -> dict[str, Any]:
    """Ask by V1."""
    bad = [*flights, {**flights[0], "origin": "SFO"}]
    async with InferenceRESTClient(RESTConfig(protocol="v1")) as client:
        return {
            "live": await client.is_server_live(url),
            "model_ready": await client.is_model_ready(url, name),
            "answer": await client.infer(url, {"instances": flights}, name),
            "answer_to_inputs": await client.infer(url, {"inputs": flights}, name),
            "unknown_model": await failure(client.infer(url, {"instances": flights}, "other")),
            "bad_row": await failure(client.infer(url, {"instances": bad}, name)),
        }


async def ask_v2(url: str, name: str, flights: list[dict[str, Any]]) -> dict[str, Any]:
    """Ask by V2."""
    bad = [*flights, {**flights[0], "origin": "SFO"}]
    async with InferenceRESTClient(RESTConfig(protocol="v2")) as client:
        answer = await client.infer(url, request_of(name, flights), name)
        return {
            "live": await client.is_server_live(url),
            "ready": await client.is_server_ready(url),
            "model_ready": await client.is_model_ready(url, name),
            "other_ready": await client.is_model_ready(url, "other"),
            "id": answer.id,
            "labels": answer.get_output_by_name("predict").as_numpy().tolist(),
            "probabilities": answer.get_output_by_name("predict_proba").as_numpy().tolist(),
            "unknown_model": await failure(client.infer(url, request_of(name, flights), "other")),
            "bad_row": await failure(client.infer(url, request_of(name, bad), name)),
        }


async def main(url: str, name: str, version: str, flights: list[dict[str, Any]]) -> dict[str, Any]:
    """Ask, and return the answers."""
    return {"v1": await ask_v1(url, name, flights), "v2": await ask_v2(url, name, flights)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(**json.loads(sys.argv[1])))))  # noqa: T201
