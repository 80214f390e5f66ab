"""Discovery documents: Google's machine-readable descriptions of its APIs, as its Python client ships them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from googleapiclient.discovery_cache import get_static_doc

Json = Mapping[str, Any]
_TEMPLATE = re.compile(r"\{(\+?)(\w+)\}")


@dataclass(frozen=True)
class Method:
    """A method of an API, such as `storage.objects.get`; `path` matches the paths of its calls."""

    id: str
    verb: str
    path: re.Pattern[str]
    uploads: re.Pattern[str] | None
    parameters: Mapping[str, Json]
    request: str
    response: str
    schemas: Mapping[str, Json]

    def names(self, path: str) -> dict[str, str]:
        """Return the names in a path, as they were sent."""
        found = self.path.fullmatch(path) or (self.uploads and self.uploads.fullmatch(path))
        return found.groupdict() if found else {}


@cache
def methods(api: str, version: str) -> tuple[Method, ...]:
    """Return all methods of a version of an API; none if Google's client has no document of it."""
    text = get_static_doc(api, version)
    document = json.loads(text) if text else {"resources": {}}
    return tuple(_methods(document, document["resources"]))


def _methods(document: Json, resources: Json) -> Iterator[Method]:
    for resource in resources.values():
        for method in resource.get("methods", {}).values():
            yield _method(document, method)
        yield from _methods(document, resource.get("resources", {}))


def _method(document: Json, method: Json) -> Method:
    media = method.get("mediaUpload", {}).get("protocols", {}).get("simple", {}).get("path", "")
    own = method.get("parameters", {})
    return Method(
        id=method["id"],
        verb=method["httpMethod"],
        path=_pattern(f"/{document['servicePath']}{method['path']}", own),
        uploads=_pattern(media, own) if media else None,
        parameters={**document["parameters"], **own},
        request=method.get("request", {}).get("$ref", ""),
        response=method.get("response", {}).get("$ref", ""),
        schemas=document["schemas"],
    )


def _pattern(template: str, parameters: Json) -> re.Pattern[str]:
    """Return the pattern of a path's template: `{name}` is a segment, `{+name}` what its own pattern says."""

    def named(found: re.Match[str]) -> str:
        pattern = parameters[found[2]].get("pattern", "[^/]+").removeprefix("^").removesuffix("$")
        # What follows a colon is a verb, such as `taxiway:getIamPolicy`.
        pattern = pattern.replace("[^/]", "[^/:]")
        return f"(?P<{found[2]}>{pattern if found[1] else '[^/]+'})"

    parts = _TEMPLATE.split(template)
    fixed = [re.escape(text) for text in parts[::3]]
    variable = [named(found) for found in _TEMPLATE.finditer(template)]
    return re.compile("".join(text for pair in zip(fixed, [*variable, ""], strict=True) for text in pair))
