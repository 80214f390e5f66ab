"""Read objects of Cloud Storage by its JSON API, over one connection.

https://cloud.google.com/storage/docs/json_api/v1/objects/get

google-cloud-storage does the same, but importing it takes as long as importing the whole function.
"""

import base64
import http.client
import io
import random
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from urllib.parse import SplitResult, quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
import google_crc32c
import msgspec
from msgspec import Struct

from function.live.credentials import Authorize, authorization

HOST = "https://storage.googleapis.com"
CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0
"""Timeouts to connect, and between two reads."""
RETRY_SECONDS = 3.0
"""Seconds for a request and its retries, which is short because a caller waits."""
DOWNLOAD_SECONDS = 60.0
"""Seconds for a whole download."""
FIRST_DELAY, LAST_DELAY = 0.1, 1.0
RETRIED = {408, 429, 500, 502, 503, 504}
"""https://cloud.google.com/storage/docs/retry-strategy#retryable"""
OK, PARTIAL, NOT_MODIFIED, ERROR = 200, 206, 304, 400
STORED = {"Accept-Encoding": "gzip"}
"""The header with which the bytes of an object that is stored in gzip arrive as they are stored."""
MAX_PIECES = 4
"""How often a download that is cut off is continued, and one."""
READ_BYTES = 2**16


class Answered(Exception):
    """The bucket answered with an error."""

    def __init__(self, status: int) -> None:
        """Set the HTTP status."""
        super().__init__(str(status))
        self.status = status


class Damaged(Exception):
    """What arrived is not the object."""


class Metadata(Struct, frozen=True):
    """Which generation of an object is live, and how many bytes it has; 64-bit integers are text in JSON."""

    generation: str
    size: str


class ObjectReader:
    """Reads one object; one thread at a time. It connects on first use.

    Its methods raise Answered, Damaged, NotAuthorized, or an OSError, HTTPException or DecodeError if there is no
    valid response.
    """

    def __init__(self, bucket: str, name: str, environment: Mapping[str, str]) -> None:
        """Set the object; `STORAGE_EMULATOR_HOST` in the environment is another server, which needs no credentials."""
        self._path = f"/storage/v1/b/{quote(bucket, safe='')}/o/{quote(name, safe='')}"
        emulator = environment.get("STORAGE_EMULATOR_HOST", "")
        self._server = urlsplit(emulator or HOST)
        self._authorize: Authorize = partial(_user_of, self._server) if emulator else authorization(environment)
        # As requests does, which google-cloud-storage uses.
        self._certificates = environment.get("REQUESTS_CA_BUNDLE") or certifi.where()
        self._connection: http.client.HTTPConnection | None = None
        self._opened: tuple[str, http.client.HTTPResponse] | None = None

    def open(self) -> Metadata:
        """Request the content of the live generation, and return its metadata; `content` then reads what arrives.

        A start waits for one response rather than two.
        """
        response = self._get(f"/download{self._path}?alt=media", STORED)
        generation, size = response.getheader("X-Goog-Generation"), response.getheader("Content-Length")
        if generation is None or size is None:
            raise Damaged
        self._opened = generation, response
        return Metadata(generation, size)

    def metadata(self, known: int) -> Metadata | None:
        """Read the metadata; None if the live generation is still the known one."""
        response = self._get(f"{self._path}?fields=generation,size&ifGenerationNotMatch={known}", {})
        body = response.read()
        if response.status == NOT_MODIFIED:
            return None
        return msgspec.json.decode(body, type=Metadata)

    def content(self, generation: int, size: int) -> bytes:
        """Download a generation of `size` bytes, and verify its checksum; what was cut off is continued."""
        received, deadline = io.BytesIO(), time.monotonic() + DOWNLOAD_SECONDS
        for _ in range(MAX_PIECES):
            response = self._part(generation, received.tell())
            _receive(response, received, size, deadline)
            if received.tell() == size:
                return _verified(received.getvalue(), response.getheader("X-Goog-Hash", ""))
            self._close()
        raise Damaged

    def _part(self, generation: int, start: int) -> http.client.HTTPResponse:
        """Request a generation from a byte on, unless `open` has done so."""
        opened, self._opened = self._opened, None
        if opened and opened[0] == str(generation):
            return opened[1]
        headers = {**STORED, "Range": f"bytes={start}-"} if start else STORED
        response = self._get(f"/download{self._path}?alt=media&generation={generation}", headers)
        if response.status != (PARTIAL if start else OK):
            raise Damaged
        return response

    def _get(self, path: str, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        """Send a request, again after a failure that may pass; raise Answered for an error."""
        deadline, delay = time.monotonic() + RETRY_SECONDS, FIRST_DELAY
        while True:
            failure: Exception
            try:
                response = self._send(path, headers)
            except (OSError, http.client.HTTPException) as error:
                self._close()
                failure = error
            else:
                if response.status < ERROR:
                    return response
                response.read()
                failure = Answered(response.status)
                if response.status not in RETRIED:
                    raise failure
            wait = delay * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)
            if time.monotonic() + wait > deadline:
                raise failure
            time.sleep(wait)
            delay = min(2 * delay, LAST_DELAY)

    def _send(self, path: str, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        if self._opened is not None:
            self._close()
        authorized = {**self._authorize(), **headers}
        if self._connection is None:
            self._connection = self._connect()
        self._connection.request("GET", path, headers=authorized)
        return self._connection.getresponse()

    def _connect(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection
        if self._server.scheme == "https":
            connection = _secure_connection(self._server.hostname or "", self._server.port, self._certificates)
        else:
            connection = http.client.HTTPConnection(
                self._server.hostname or "", self._server.port, timeout=CONNECT_SECONDS
            )
        connection.connect()
        connection.sock.settimeout(READ_SECONDS)
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._opened = None


def _secure_connection(host: str, port: int | None, certificates: str) -> http.client.HTTPSConnection:
    """Prepare a connection with TLS, through the proxy of the environment if there is one for this host."""
    context = ssl.create_default_context(cafile=certificates)
    proxy = None if proxy_bypass(host) else getproxies().get("https")
    if not proxy:
        return http.client.HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=context)
    address = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    connection = http.client.HTTPSConnection(
        address.hostname or "", address.port, timeout=CONNECT_SECONDS, context=context
    )
    authorized = {"Proxy-Authorization": _basic(address)} if address.username is not None else {}
    connection.set_tunnel(host, port, authorized)
    return connection


def _user_of(address: SplitResult) -> Mapping[str, str]:
    return {} if address.username is None else {"Authorization": _basic(address)}


def _basic(address: SplitResult) -> str:
    """Return the header of the user and password in an address."""
    user = f"{unquote(address.username or '')}:{unquote(address.password or '')}"
    return f"Basic {base64.b64encode(user.encode()).decode()}"


def _receive(response: http.client.HTTPResponse, received: io.BytesIO, size: int, deadline: float) -> None:
    """Append what arrives until the end, or until the connection breaks."""
    with suppress(http.client.HTTPException, ConnectionError):
        while piece := response.read(READ_BYTES):
            if received.tell() + len(piece) > size:
                raise Damaged
            received.write(piece)
            if time.monotonic() > deadline:
                raise TimeoutError


def _verified(content: bytes, hashes: str) -> bytes:
    """Return the content if its CRC32C, in base64 and big-endian order, is among the hashes of the response.

    https://cloud.google.com/storage/docs/xml-api/reference-headers#xgooghash
    """
    checksum = base64.b64encode(google_crc32c.value(content).to_bytes(4, "big")).decode()
    if f"crc32c={checksum}" not in hashes:
        raise Damaged
    return content
