"""Tokens: of an identity provider for one of the pool's, and of an identity for those of a service account."""

import base64
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.access.expressions import evaluate
from tests.local_cloud.clock import timestamp
from tests.local_cloud.common import Common
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.errors import CodedError
from tests.local_cloud.incoming import json_object, path_name
from tests.local_cloud.regular.resource import Resource
from tests.local_cloud.services.federation import PROVIDERS
from tests.local_cloud.services.service_accounts import SERVICE_ACCOUNTS

ACCOUNT = "/iamcredentials/v1/projects/-/serviceAccounts/{account}"
HOUR = 3600
_MICROSECONDS = 1_000_000


class TokenApi:
    """An access token and an identity token of a service account are its address here."""

    def __init__(self, common: Common) -> None:
        """Look providers and service accounts up among all collections."""
        self._common = common

    async def exchange(self, request: Request) -> Response:
        """Exchange a token of an identity provider for one that its principal sets may use: 200, 400 or 404."""
        body = await json_object(request)
        provider = self._found(PROVIDERS, str(body.get("audience", "")).removeprefix("//iam.googleapis.com/"))
        claims = _claims(str(body.get("subjectToken", "")))
        if claims.get("iss") != provider.fields["oidc"]["issuerUri"]:
            return _rejected("invalid_grant", "The issuer of the token is not the provider's.")
        if not _accepted(provider, claims):
            return _rejected("unauthorized_client", "The given credential is rejected by the attribute condition.")
        return JSONResponse(
            {
                "access_token": self._token(provider, claims),
                "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
                "token_type": "Bearer",
                "expires_in": HOUR,
            }
        )

    async def access_token(self, request: Request) -> Response:
        """Return an access token of a service account: 200 or 404."""
        expires = timestamp(self._common.clock.tick() + HOUR * _MICROSECONDS)
        return JSONResponse({"accessToken": self._account(request), "expireTime": expires})

    async def identity_token(self, request: Request) -> Response:
        """Return an identity token of a service account: 200 or 404."""
        return JSONResponse({"token": self._account(request)})

    def _account(self, request: Request) -> str:
        name = f"projects/{self._common.project.id}/serviceAccounts/{path_name(request, 'account')}"
        return self._found(SERVICE_ACCOUNTS, name).id

    def _found(self, kind: object, name: str) -> Resource:
        (collection,) = (each for each in self._common.collections if each.kind is kind)
        project = self._common.project
        return collection.get(name.replace(f"projects/{project.number}/", f"projects/{project.id}/", 1))

    def _token(self, provider: Resource, claims: dict[str, Any]) -> str:
        pool = self._common.project.numbered(provider.name).rpartition("/providers/")[0]
        mapped = {key: evaluate(each, claims) for key, each in provider.fields["attributeMapping"].items()}
        subject = f"principal://iam.googleapis.com/{pool}/subject/{mapped.pop('google.subject')}"
        sets = {f"principalSet://iam.googleapis.com/{pool}/{key}/{value}" for key, value in mapped.items()}
        return self._common.tokens.give(subject, frozenset({*sets, f"principalSet://iam.googleapis.com/{pool}/*"}))


def _accepted(provider: Resource, claims: dict[str, Any]) -> bool:
    try:
        return bool(evaluate(provider.fields["attributeCondition"], claims))
    except KeyError:  # as in CEL, a claim that the token lacks is an error, and no token passes by an error
        return False


def _claims(token: str) -> dict[str, Any]:
    """Return the claims in a JSON web token, whose signature is not looked at; 400."""
    try:
        payload = token.split(".")[1]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        raise CodedError(400, "The subject token is no JSON web token.") from None
    return claims


def _rejected(error: str, description: str) -> Response:
    """Return an error as OAuth has it (RFC 6749)."""
    return JSONResponse({"error": error, "error_description": description}, 400)


def operations(common: Common) -> list[Operation]:
    """Return the calls about tokens."""
    api = TokenApi(common)
    return [
        Operation("POST", "/sts/v1/token", "token", api.exchange),
        Operation("POST", ACCOUNT + ":generateAccessToken", "token", api.access_token),
        Operation("POST", ACCOUNT + ":generateIdToken", "token", api.identity_token),
    ]
