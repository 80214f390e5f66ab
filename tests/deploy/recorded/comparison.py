"""What an answer has in common with the recorded one."""

import json
from collections.abc import Mapping
from typing import Any

import httpx

from tests.local_cloud.regular.masks import camel_case

WRAPPERS = ("policy", "role", "serviceAccount")
# Sent back by the provider, or to it, but the server's to choose.
COMPUTED = {".remoteFunctionOptions.endpoint", ".serviceConfig.service", ".serviceConfig.uri"}


def outcome(response: Any) -> dict[str, Any]:
    """Return the resource in an answer, which may be that of a long-running operation."""
    if not isinstance(response, dict):
        return {}
    inner = response.get("response", response)
    return dict(inner) if isinstance(inner, Mapping) else {}


def unwrapped(sent: dict[str, Any]) -> dict[str, Any]:
    """Return the resource in a body."""
    return next((sent[key] for key in WRAPPERS if isinstance(sent.get(key), dict)), sent)


def keys(value: Any, place: str = "") -> set[str]:
    """Return the places of all keys in JSON, whatever their position in a list."""
    if isinstance(value, Mapping):
        return {f"{place}.{key}" for key in value}.union(*(keys(each, f"{place}.{key}") for key, each in value.items()))
    return set().union(*(keys(each, f"{place}[]") for each in value)) if isinstance(value, list) else set()


def leaves(value: Any, place: str = "") -> set[tuple[str, str]]:
    """Return the places and values of all that is no object or list with something in it."""
    if isinstance(value, Mapping) and value:
        return set().union(*(leaves(each, f"{place}.{key}") for key, each in value.items()))
    if isinstance(value, list) and value:
        return set().union(*(leaves(each, f"{place}[{index}]") for index, each in enumerate(value)))
    return {(place, json.dumps(value))}


def compare(call: Mapping[str, Any], sent: dict[str, Any] | None, answer: httpx.Response) -> None:
    """Fail unless an answer has the status, the keys and the echo of the recorded one."""
    label = f"{call['method']} {answer.request.url}: {answer.text}"
    assert answer.status_code == call["status"], label
    if call["response"] is None:
        return
    assert "error" not in answer.json() or call["status"] >= 400, label
    assert keys(call["response"]) - keys(answer.json()) == set(), label
    if sent and call["request"]:
        recorded, now = leaves(outcome(call["response"])), leaves(outcome(answer.json()))
        echoed = {leaf for leaf in leaves(unwrapped(dict(call["request"]))) & recorded if echoes(call, leaf[0])}
        assert echoed - now == set(), label


def echoes(call: Mapping[str, Any], place: str) -> bool:
    """Tell whether an answer has what was sent in a place: the update mask decides, where there is one."""
    mask = call["query"].get("updateMask") or (call["request"] or {}).get("updateMask", "")
    wanted = ["." + ".".join(camel_case(step) for step in path.split(".")) for path in mask.split(",")]
    in_mask = call["method"] != "PATCH" or not mask or any(place.startswith(path) for path in wanted)
    return in_mask and place not in COMPUTED
