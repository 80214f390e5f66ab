"""The headers that authorize reading a bucket."""

import http.client
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct

READ_ONLY = "https://www.googleapis.com/auth/devstorage.read_only"
TOKEN = "/computeMetadata/v1/instance/service-accounts/default/token"  # noqa: S105 (a path)
TIMEOUT = 3.0
"""Seconds for the metadata server, which is on the same machine."""
PAUSES = (0.1, 0.4)
"""Seconds before each further try."""
LEFT_SECONDS = 225.0
"""A token with less time left is replaced. The metadata server has a new one for the last four minutes of the old one.

https://cloud.google.com/compute/docs/access/authenticate-workloads#applications
"""

Authorize = Callable[[], Mapping[str, str]]
"""Returns the headers of a request; raises NotAuthorized."""


class NotAuthorized(Exception):
    """There are no valid credentials."""


def authorization(environment: Mapping[str, str]) -> Authorize:
    """Choose the credentials as google-auth does, without importing it where it would ask the metadata server."""
    if "K_SERVICE" in environment and "GOOGLE_APPLICATION_CREDENTIALS" not in environment:
        return OwnAccount(environment.get("GCE_METADATA_HOST", "metadata.google.internal"))
    return DefaultCredentials()


class _Token(Struct, frozen=True):
    access_token: str
    expires_in: float


class OwnAccount:
    """The account as which a function runs; the metadata server has its tokens.

    https://cloud.google.com/run/docs/container-contract#metadata-server
    """

    def __init__(self, host: str) -> None:
        """Set the address of the metadata server; nothing is read yet."""
        self._host = host
        self._token = ""
        self._until = 0.0

    def __call__(self) -> Mapping[str, str]:
        """Return the headers of a request; a token is used until shortly before it expires."""
        if time.time() > self._until:
            token = self._read()
            self._token, self._until = token.access_token, time.time() + token.expires_in - LEFT_SECONDS
        return {"Authorization": f"Bearer {self._token}"}

    def _read(self) -> _Token:
        """Read a token, again after a failure, which may pass: a new instance can be up before its metadata server."""
        for pause in PAUSES:
            with suppress(NotAuthorized):
                return self._read_once()
            time.sleep(pause)
        return self._read_once()

    def _read_once(self) -> _Token:
        connection = http.client.HTTPConnection(self._host, timeout=TIMEOUT)
        try:
            connection.request("GET", TOKEN, headers={"Metadata-Flavor": "Google"})
            return msgspec.json.decode(connection.getresponse().read(), type=_Token)
        except (OSError, http.client.HTTPException, msgspec.DecodeError) as error:
            raise NotAuthorized from error
        finally:
            connection.close()


class DefaultCredentials:
    """Whatever google-auth finds outside of Google Cloud, such as a person's credentials.

    https://cloud.google.com/docs/authentication/application-default-credentials
    """

    def __init__(self) -> None:
        """Search for nothing yet."""
        self._credentials: Any = None

    def __call__(self) -> Mapping[str, str]:
        """Return the headers of a request."""
        # Imported here, because it takes longer than the whole function, which does not need it in Google Cloud.
        import google.auth
        from google.auth.exceptions import GoogleAuthError
        from google.auth.transport.requests import Request

        headers: dict[str, str] = {}
        try:
            if self._credentials is None:
                self._credentials, _ = google.auth.default(scopes=[READ_ONLY])
            self._credentials.before_request(Request(), "GET", "", headers)
        except GoogleAuthError as error:
            raise NotAuthorized from error
        return headers
