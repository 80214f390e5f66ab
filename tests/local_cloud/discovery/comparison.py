"""A whole interaction, a call and its response, compared with the documents."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tests.local_cloud.discovery.documents import Method
from tests.local_cloud.discovery.known import known
from tests.local_cloud.discovery.methods import api_of, method_of
from tests.local_cloud.discovery.values import faults

BOOLEANS = {"true", "false"}
FAILED = 400


@dataclass(frozen=True)
class Interaction:
    """A call and its response: `query` as sent, bodies as JSON, None where they are none."""

    verb: str
    path: str
    query: Sequence[tuple[str, str]]
    sent: Any
    status: int
    answered: Any


@dataclass(frozen=True)
class Difference:
    """What a document does not have; `place` is a field or a parameter of the query."""

    verb: str
    path: str
    part: str
    place: str
    what: str

    def __str__(self) -> str:
        """Name method, path, field and what is wrong."""
        return f"{self.verb} {self.path}: {self.part}{self.place}: {self.what}"


def differences(interaction: Interaction) -> list[Difference]:
    """Return where an interaction is not as Google's documents describe it, but for what is known and has a reason."""
    found = [Difference(interaction.verb, interaction.path, *each) for each in _differences(interaction)]
    return [each for each in found if not known(each.verb, each.path, each.part + each.place)]


def _differences(interaction: Interaction) -> Iterator[tuple[str, str, str]]:
    method = method_of(interaction.verb, interaction.path)
    if method is None:
        api, version, _ = api_of(interaction.path)
        yield "method", f".{version}", f"no such method in the documents of {api}"
        return
    for name, value in interaction.query:
        for what in _of_parameter(method, name, value):
            yield "query", f".{name}", what
    if interaction.sent is not None:
        yield from _of_body(method, method.request, interaction.sent, "request")
    # The documents do not describe errors.
    if interaction.answered is not None and interaction.status < FAILED:
        yield from _of_body(method, method.response, interaction.answered, "response")


def _of_parameter(method: Method, name: str, value: str) -> Iterator[str]:
    schema = method.parameters.get(name)
    if schema is None or schema.get("location") == "path":
        yield "no such parameter"
    elif schema.get("type") == "boolean":
        if value.lower() not in BOOLEANS:
            yield f"{value!r} is no boolean"
    else:
        as_text = {**schema, "type": "string", "repeated": False}
        yield from (what for _, what in faults(method.schemas, as_text, value, sent=True))


def _of_body(method: Method, schema: str, body: Any, part: str) -> Iterator[tuple[str, str, str]]:
    if not schema:
        if body != {}:
            yield part, "", f"{method.id} has none"
        return
    reference = {"$ref": schema}
    for place, what in faults(method.schemas, reference, body, sent=part == "request"):
        yield part, place, what
    if part == "response" and isinstance(body, Mapping):
        yield from _of_outcome(method, body)


def _of_outcome(method: Method, body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Compare the outcome of a long-running operation with the schema that its type names."""
    outcome = body.get("response")
    if not isinstance(outcome, Mapping) or "done" not in body:
        return
    name = str(outcome.get("@type", "")).rpartition(".")[2]
    fields = {key: value for key, value in outcome.items() if key != "@type"}
    if name == "Empty" and not fields:
        return
    if name not in method.schemas:
        yield "response", ".response.@type", f"{outcome.get('@type')!r} names no schema"
    else:
        for place, what in faults(method.schemas, {"$ref": name}, fields, sent=False):
            yield "response", f".response{place}", what


def json_or_none(data: bytes) -> Any:
    """Read JSON; None if there is none."""
    try:
        return msgspec.json.decode(data) if data else None
    except msgspec.DecodeError:
        return None
