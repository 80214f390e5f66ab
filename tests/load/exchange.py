"""One request, over and over, and its right answer."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

OF_ANOTHER_MODEL = frozenset({400, 422})
"""Statuses with which a function refuses a request that does not fit its model."""


@dataclass(frozen=True)
class Exchange:
    """What is posted where, and the body that has to come back, to the byte."""

    url: str
    body: bytes
    answer: bytes
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    """What is sent besides the usual headers."""

    @contextmanager
    def files(self) -> Iterator[tuple[Path, Path]]:
        """Write body and answer into files, for as long as a client reads them."""
        with TemporaryDirectory() as folder:
            body, answer = Path(folder, "body"), Path(folder, "answer")
            body.write_bytes(self.body)
            answer.write_bytes(self.answer)
            yield body, answer

    def ask(self, client: httpx.Client) -> httpx.Response:
        """Ask once."""
        return client.post(self.url, content=self.body, headers={**headers(self.media_type), **self.headers})

    def holds(self, response: httpx.Response) -> bool:
        """Tell whether this is the right answer."""
        return response.is_success and response.content == self.answer


def of_live_model(base: str, default: Exchange) -> Exchange:
    """Return what can be asked of a function: the default, or for a model that differs the example that it describes.

    The first response to the example is the one that all others have to equal; whether it is right is smoke's to check.

    Raises:
        httpx.HTTPError: the function does not answer.
    """
    with httpx.Client(timeout=60) as client:
        response = default.ask(client)
        if default.holds(response) or not (response.is_success or response.status_code in OF_ANOTHER_MODEL):
            return default
        described = client.get(f"{base}/openapi.json", headers=headers()).raise_for_status().json()
        content = described["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
        (example, *_) = [each["value"] for each in content["examples"].values()]
        body = json.dumps(example, ensure_ascii=False).encode()
        asked = Exchange(default.url, body, b"")
        return Exchange(default.url, body, asked.ask(client).raise_for_status().content)


def headers(media_type: str = "application/json") -> Mapping[str, str]:
    """Return the headers of a request; an ID_TOKEN of the environment goes along, for private functions."""
    token = os.environ.get("ID_TOKEN")
    return {"Content-Type": media_type, **({"Authorization": f"Bearer {token}"} if token else {})}
