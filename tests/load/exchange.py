"""One request, over and over, and its right answer."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx


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


def headers(media_type: str = "application/json") -> Mapping[str, str]:
    """Return the headers of a request; an ID_TOKEN of the environment goes along, for private functions."""
    token = os.environ.get("ID_TOKEN")
    return {"Content-Type": media_type, **({"Authorization": f"Bearer {token}"} if token else {})}
