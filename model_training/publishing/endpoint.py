"""Send requests to a running function, and read the status of its model."""

import os
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

HINTS = {
    401: ": set ID_TOKEN to an identity token",
    403: ": the identity of ID_TOKEN has no permission to call the function",
}
"""What to do about a status, as the end of a message."""
Text = Annotated[str, Meta(max_length=10_000)]


class Refusal(msgspec.Struct, frozen=True):
    """A newer file that the function refuses to serve."""

    generation: int | None = None
    reason: Text = ""


class Outage(msgspec.Struct, frozen=True):
    """The reason why the function can't check the bucket for a newer file."""

    reason: Text = ""


class ModelStatus(msgspec.Struct, frozen=True):
    """The response of one `GET /model`; `problem` is set if there was no valid response."""

    version: Text | None = None
    generation: int | None = None
    engine: Text | None = None
    loaded_at: Text | None = None
    refused: Refusal | None = None
    unreachable: Outage | None = None
    problem: str = ""

    def problems(self) -> str:
        """Return all problems in one line; empty if there are none."""
        found = [self.problem] if self.problem else []
        if self.refused:
            which = "the file" if self.refused.generation is None else f"generation {self.refused.generation}"
            found.append(f"{which} is refused: {self.refused.reason}")
        if self.unreachable:
            found.append(f"the bucket can't be reached: {self.unreachable.reason}")
        return "; ".join(found)

    def __str__(self) -> str:
        """Return the live version and all problems in one line."""
        at = "" if self.generation is None else f", generation {self.generation}"
        served = f"version {self.version}{at}" if self.version else "no model"
        return "; ".join(filter(None, ["" if self.problem else served, self.problems()]))


def send(method: str, url: str, timeout: float, content: Any = None) -> "Response":
    """Send a request on a new connection, so that any instance of the function may respond.

    Raises:
        requests.RequestException: there was no response.
    """
    import requests

    return requests.request(method, url, json=content, auth=_bearer, headers={"Connection": "close"}, timeout=timeout)


def get_status(url: str, timeout: float) -> ModelStatus:
    """Send `GET /model`, and return its response or the problem with it."""
    import requests

    try:
        response = send("GET", f"{url}/model", timeout)
    except requests.RequestException as error:
        return ModelStatus(problem=f"no response: {type(error).__name__}")
    if not response.ok:
        return ModelStatus(problem=f"status {response.status_code}{HINTS.get(response.status_code, '')}")
    try:
        status = msgspec.json.decode(response.content, type=ModelStatus)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ModelStatus(problem="the response is not one of GET /model: check the address")
    return msgspec.structs.replace(status, problem="")


def _bearer(request: "PreparedRequest") -> "PreparedRequest":
    """Send ID_TOKEN from the environment; with this hook, requests ignores .netrc."""
    if token := os.environ.get("ID_TOKEN"):
        request.headers["Authorization"] = f"Bearer {token}"
    return request
