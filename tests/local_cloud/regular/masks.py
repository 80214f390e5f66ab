"""Update masks: which fields of a resource a PATCH changes."""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

_UNDERSCORE = re.compile("_([a-z0-9])")


def apply_mask(fields: Mapping[str, Any], body: Mapping[str, Any], mask: str | None) -> dict[str, Any]:
    """Return `fields` with those that the mask names taken from `body`; all are when there is no mask.

    A mask is a list with commas of paths with dots, in camelCase or snake_case; what it names
    and the body lacks is removed.
    """
    if not mask:
        return deepcopy(dict(body))
    changed = deepcopy(dict(fields))
    for path in mask.split(","):
        *parents, last = [camel_case(step) for step in path.split(".")]
        _assign(changed, parents, last, _find(body, [*parents, last]))
    return changed


def camel_case(name: str) -> str:
    """Return `displayName` for `display_name`."""
    return _UNDERSCORE.sub(lambda match: match[1].upper(), name)


def _find(body: Any, steps: list[str]) -> Any:
    for step in steps:
        body = body.get(step) if isinstance(body, Mapping) else None
    return body


def _assign(target: dict[str, Any], parents: list[str], last: str, value: Any) -> None:
    for step in parents:
        inner = target.get(step)
        if not isinstance(inner, dict):
            if value is None:
                return
            inner = target[step] = {}
        target = inner
    if value is None:
        target.pop(last, None)
    else:
        target[last] = deepcopy(value)
