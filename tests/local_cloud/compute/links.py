"""How Compute's resources refer to each other: by links, which callers may shorten to names."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

ROOT = "https://www.googleapis.com/compute/v1/"
# A region is no resource that could be made or be missing.
_NAME = re.compile(r"(?:^|/)(projects/[^/]+/(?:global|regions/[^/]+)/(?!regions/)\w+/[^/]+)$")


def link(name: str) -> str:
    """Return the link of a resource."""
    return ROOT + name


def name_of(link: str) -> str:
    """Return the name of the resource that a link leads to."""
    return link.removeprefix(ROOT)


def linked(value: Any) -> Any:
    """Return JSON with a link in place of each name of a resource, and of each link by another host."""
    if isinstance(value, Mapping):
        return {key: linked(each) for key, each in value.items()}
    if isinstance(value, list):
        return [linked(each) for each in value]
    found = _NAME.search(value) if isinstance(value, str) else None
    return link(found[1]) if found else value


def links(value: Any) -> Iterator[str]:
    """Return the links in JSON."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from links(each)
    elif isinstance(value, list):
        for each in value:
            yield from links(each)
    elif isinstance(value, str) and value.startswith(ROOT):
        yield value
