"""What a running function says of its model."""

import os
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

HINTS = {401: "; is ID_TOKEN set?", 403: "; may ID_TOKEN call it?"}
Text = Annotated[str, Meta(max_length=10_000)]


class Refusal(msgspec.Struct, frozen=True):
    """A newer file that is not served."""

    generation: int | None = None
    reason: Text = ""


class Outage(msgspec.Struct, frozen=True):
    """Why the function can't look for a newer file."""

    reason: Text = ""


class Answer(msgspec.Struct, frozen=True):
    """What one `GET /model` says; `problem` is why it says nothing."""

    version: Text | None = None
    generation: int | None = None
    engine: Text | None = None
    loaded_at: Text | None = None
    refused: Refusal | None = None
    unreachable: Outage | None = None
    problem: str = ""

    def trouble(self) -> str:
        """Say what is the matter, if anything."""
        said = [self.problem] if self.problem else []
        if self.refused:
            which = "the file" if self.refused.generation is None else f"generation {self.refused.generation}"
            said.append(f"{which} is refused: {self.refused.reason}")
        if self.unreachable:
            said.append(f"the bucket can't be reached: {self.unreachable.reason}")
        return "; ".join(said)

    def __str__(self) -> str:
        """Say it in one line."""
        at = "" if self.generation is None else f", generation {self.generation}"
        served = f"version {self.version}{at}" if self.version else "no model"
        return "; ".join(filter(None, ["" if self.problem else served, self.trouble()]))


def call(method: str, url: str, timeout: float, content: Any = None) -> "Response":
    """Call a function over a connection of its own, so that any instance may answer.

    Raises:
        requests.RequestException: there is no answer.
    """
    import requests

    return requests.request(method, url, json=content, auth=_bearer, headers={"Connection": "close"}, timeout=timeout)


def ask(url: str, timeout: float) -> Answer:
    """Ask `GET /model`."""
    import requests

    try:
        response = call("GET", f"{url}/model", timeout)
    except requests.RequestException as error:
        return Answer(problem=f"no answer: {type(error).__name__}")
    if not response.ok:
        return Answer(problem=f"it answered {response.status_code}{HINTS.get(response.status_code, '')}")
    try:
        answer = msgspec.json.decode(response.content, type=Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Answer(problem="what it answered is not what GET /model does")
    return msgspec.structs.replace(answer, problem="")


def _bearer(request: "PreparedRequest") -> "PreparedRequest":
    """Identify the caller; being asked here, requests does not look into a .netrc."""
    if token := os.environ.get("ID_TOKEN"):
        request.headers["Authorization"] = f"Bearer {token}"
    return request
