"""One resource of a collection."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Resource:
    """A resource: `fields` is what its owner sent, times are microseconds.

    `name` has the project's id, as in `projects/rehearsal/roles/deployer`; `params` are the
    names in its path; `number` is one that no other resource has; `facts` is what a service
    found out about it; a `deleted` one is kept where Google keeps it for a while.
    """

    name: str
    id: str
    params: Mapping[str, str]
    fields: Mapping[str, Any]
    number: str
    created: int
    updated: int
    facts: dict[str, Any] = field(default_factory=dict)
    version: int = 1
    deleted: bool = False
