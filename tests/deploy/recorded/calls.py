"""The recorded calls: for each resource type, calls that the real provider made, and what it was content with."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Call = Mapping[str, Any]
DOING = re.compile(r":|/(set|patch)[A-Z]\w+$")

RECORDED: dict[str, list[dict[str, Any]]] = json.loads(Path(__file__).with_name("calls.json").read_text("utf-8"))[
    "types"
]


def creating(call: Call) -> bool:
    """Tell whether a call makes a resource, rather than does something with one."""
    return call["method"] == "POST" and not DOING.search(call["path"])


def given_id(query: Mapping[str, str]) -> str:
    """Return the id that a maker asks for."""
    return next((value for key, value in query.items() if key.endswith("Id")), "no id")
