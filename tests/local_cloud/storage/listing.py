"""Listing: names with a prefix, folded at a delimiter, page by page."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.local_cloud.errors import CloudError
from tests.local_cloud.storage.objects import Object

PAGE_SIZE = 1000


@dataclass(frozen=True)
class Query:
    """What a listing asks for; `size` is the most names and prefixes of a page together."""

    prefix: str = ""
    delimiter: str = ""
    size: int = PAGE_SIZE
    page_token: str = ""


@dataclass(frozen=True)
class Page:
    """One page of a listing; `next_page_token` is empty on the last one."""

    items: list[Object]
    prefixes: list[str]
    next_page_token: str = ""


@dataclass(frozen=True)
class Entry:
    """A line of a listing: an object, or a prefix that stands for several."""

    key: str
    object: Object | None = None


def list_page(objects: Iterable[Object], query: Query) -> Page:
    """Return a page of the objects, which come by name and generation; 400 for a bad token."""
    last = _decode(query.page_token)
    entries = [entry for entry in _entries(objects, query) if entry.key > last]
    page, rest = entries[: query.size], entries[query.size :]
    items = [entry.object for entry in page if entry.object]
    prefixes = [entry.key for entry in page if not entry.object]
    return Page(items, prefixes, _encode(page[-1].key) if rest and page else "")


def _entries(objects: Iterable[Object], query: Query) -> Iterator[Entry]:
    folded = ""
    for each in objects:
        if not each.name.startswith(query.prefix):
            continue
        head, found, _ = each.name[len(query.prefix) :].partition(query.delimiter or "\0")
        if not found:
            # Generations have the same number of digits, so their text sorts as they do.
            yield Entry(f"{each.name}\0{each.generation}", each)
        elif folded != query.prefix + head + found:
            folded = query.prefix + head + found
            yield Entry(folded)


def _encode(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _decode(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError:
        raise CloudError(400, "Invalid pageToken") from None
