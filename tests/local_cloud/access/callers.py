"""Who makes a call.

Nobody signs tokens here: a token is the e-mail address of an account, or was given out by `Tokens`.
"""

import base64
import binascii
import itertools
from dataclasses import dataclass

from tests.local_cloud.errors import CodedError

ANYBODY = "allUsers"
ANY_ACCOUNT = "allAuthenticatedUsers"
SERVICE_ACCOUNTS = ".gserviceaccount.com"


@dataclass(frozen=True)
class Caller:
    """An account or a federated identity: `members` is how policies may name it."""

    name: str
    members: frozenset[str]


ANONYMOUS = Caller("Anonymous caller", frozenset({ANYBODY}))


def account(email: str) -> Caller:
    """Return the caller with an e-mail address."""
    kind = "serviceAccount" if email.endswith(SERVICE_ACCOUNTS) else "user"
    return Caller(email, frozenset({f"{kind}:{email}", ANY_ACCOUNT, ANYBODY}))


class Tokens:
    """The tokens of federated identities."""

    def __init__(self) -> None:
        """Start with none."""
        self._callers: dict[str, Caller] = {}
        self._numbers = itertools.count(1)

    def give(self, subject: str, sets: frozenset[str]) -> str:
        """Return a new token for a principal, which is in some principal sets."""
        token = f"federated-{next(self._numbers)}"
        self._callers[token] = Caller(subject, frozenset({subject, *sets}))
        return token

    def caller(self, authorization: str | None) -> Caller:
        """Return who a request is from by its Authorization header; 401 for a token that nobody gave out.

        `Bearer` has a token; `Basic` has an account as the user, for clients that have an address alone.
        """
        scheme, _, token = (authorization or "").partition(" ")
        token = _user(token) if scheme.lower() == "basic" else token
        if not token:
            return ANONYMOUS
        if token in self._callers:
            return self._callers[token]
        if "@" not in token:
            raise CodedError(401, "Request had invalid authentication credentials.")
        return account(token)


def _user(credentials: str) -> str:
    """Return the user in the credentials of a Basic header."""
    try:
        return base64.b64decode(credentials).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
