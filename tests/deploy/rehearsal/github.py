"""A workflow that authenticates at the cloud without a key, as google-github-actions/auth does."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import httpx

from tests.local_cloud import LocalCloud

ISSUER = "https://token.actions.githubusercontent.com"
PUSH = {
    "iss": ISSUER,
    "sub": "repo:me/fork:ref:refs/heads/main",
    "repository_owner_id": "1001",
    "repository_id": "2002",
    "run_id": "3003",
    "ref": "refs/heads/main",
    "event_name": "push",
}
"""The claims of a token that GitHub gives to a workflow on main."""
PULL_REQUEST = {**PUSH, "sub": "repo:me/fork:pull_request", "ref": "refs/pull/1/merge", "event_name": "pull_request"}


def push(environment: str) -> dict[str, str]:
    """Return the claims of a token that GitHub gives to a job on main that is in an environment."""
    return {**PUSH, "sub": f"repo:me/fork:environment:{environment}", "environment": environment}


EXCHANGE = {
    "grantType": "urn:ietf:params:oauth:grant-type:token-exchange",
    "requestedTokenType": "urn:ietf:params:oauth:token-type:access_token",
    "subjectTokenType": "urn:ietf:params:oauth:token-type:jwt",
    "scope": "https://www.googleapis.com/auth/cloud-platform",
}


class Refused(AssertionError):
    """The cloud did not give a token; the message is its response."""


def access_token(cloud: LocalCloud, claims: Mapping[str, str], provider: str, account: str) -> str:
    """Return an access token of a service account for a workflow with these claims."""
    scope = {"scope": [EXCHANGE["scope"]]}
    federated = federated_token(cloud, claims, provider)
    return str(_of_account(cloud, federated, account, "generateAccessToken", scope)["accessToken"])


def identity_token(cloud: LocalCloud, token: str, account: str, audience: str) -> str:
    """Return an identity token of a service account for whoever has an access token."""
    wanted = {"audience": audience, "includeEmail": True}
    return str(_of_account(cloud, token, account, "generateIdToken", wanted)["token"])


def federated_token(cloud: LocalCloud, claims: Mapping[str, str], provider: str) -> str:
    """Exchange GitHub's token at an identity provider."""
    parts = ({"alg": "none"}, claims)
    token = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    body = {**EXCHANGE, "audience": f"//iam.googleapis.com/{provider}", "subjectToken": f"{token}."}
    return str(_post(f"{cloud.url}/sts/v1/token", body)["access_token"])


def _of_account(cloud: LocalCloud, token: str, account: str, what: str, body: Mapping[str, Any]) -> dict[str, Any]:
    url = f"{cloud.url}/iamcredentials/v1/projects/-/serviceAccounts/{account}:{what}"
    return _post(url, body, Authorization=f"Bearer {token}")


def _post(url: str, body: Mapping[str, Any], **headers: str) -> dict[str, Any]:
    answer = httpx.post(url, json=body, headers=headers, trust_env=False)
    if answer.is_error:
        raise Refused(answer.text)
    found: dict[str, Any] = answer.json()
    return found
