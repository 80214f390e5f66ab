"""Write terraform/settings.json: the settings of the function, their defaults and what values they may have.

Terraform checks the variable `environment` by it, so that a wrong value fails the plan and not the function's start.
"""
# ruff: noqa: INP001 -- the folder is a Terraform module, not a Python package

import json
from pathlib import Path
from typing import Any

import msgspec

from function.http.settings import Settings

TARGET = Path(__file__).with_name("settings.json")
BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
}
NOUNS = {"boolean": "true or false", "integer": "a whole number", "number": "a number", "string": "a text"}


def settings() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each setting by its name, with a phrase `allowed` for error messages."""
    properties = msgspec.json.schema(Settings)["$defs"]["Settings"]["properties"]
    return {name: {**schema, "allowed": _allowed(schema)} for name, schema in properties.items()}


def _allowed(schema: dict[str, Any]) -> str:
    bounds = [phrase.format(schema[key]) for key, phrase in BOUNDS.items() if key in schema]
    pattern = [f"that matches {schema['pattern']}"] if "pattern" in schema else []
    return ", ".join(filter(None, [NOUNS[schema["type"]], " and ".join(bounds), *pattern]))


def text() -> str:
    """Return the content of the file."""
    return json.dumps(settings(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
