"""Federation in a strict cloud: which tokens of an identity provider become which account."""

import base64
import json
from collections.abc import Mapping

import httpx
import pytest

from tests.deploy.strict_world import ACCOUNTS, DEPLOYER, RUNTIME, World
from tests.local_cloud.access.expressions import evaluate
from tests.local_cloud.environment import OWNER
from tests.local_cloud.errors import CloudError

POOLS = "/iam/v1/projects/rehearsal/locations/global/workloadIdentityPools"
POOL = "projects/123456789012/locations/global/workloadIdentityPools/pool"
CLAIMS = {"iss": "https://issuer.example.com", "sub": "a", "repository_id": "2002", "ref": "refs/heads/main"}
CLAIMS |= {"environment": "staging"}
CONDITION = 'assertion.repository_id == "2002" && assertion.ref in ["refs/heads/main"]'
CONDITION += ' && assertion.environment in ["staging", "staging-rollback"]'


@pytest.fixture
def federated(world: World) -> World:
    """A world with an account, which an identity provider's tokens of one repository may become."""
    for path, body in (
        (f"{POOLS}?workloadIdentityPoolId=pool", {}),
        (
            f"{POOLS}/pool/providers?workloadIdentityPoolProviderId=ci",
            {
                "attributeCondition": CONDITION,
                "attributeMapping": {
                    "google.subject": "assertion.sub",
                    "attribute.provider": '"ci-" + assertion.repository_id',
                },
                "oidc": {"issuerUri": CLAIMS["iss"]},
            },
        ),
        (ACCOUNTS, {"accountId": "deployer", "serviceAccount": {"displayName": "deploys"}}),
    ):
        answer = world.call(OWNER, "POST", path, body)
        assert answer.is_success, answer.text
    member = f"principalSet://iam.googleapis.com/{POOL}/attribute.provider/ci-2002"
    world.grant(f"{ACCOUNTS}/{DEPLOYER}:", "roles/iam.workloadIdentityUser", member)
    return world


def exchanged(world: World, claims: Mapping[str, str]) -> httpx.Response:
    """Exchange a token with these claims."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    body = {"audience": f"//iam.googleapis.com/{POOL}/providers/ci", "subjectToken": f"e30.{payload}."}
    return world.call("", "POST", "/sts/v1/token", body)


def test_a_federated_identity_becomes_an_account(federated: World) -> None:
    """The account of the grant, and no other."""
    token = exchanged(federated, CLAIMS).json()["access_token"]
    accounts = "/iamcredentials/v1/projects/-/serviceAccounts"
    given = federated.call(token, "POST", f"{accounts}/{DEPLOYER}:generateAccessToken", {})
    assert given.json()["accessToken"] == DEPLOYER
    assert federated.call(token, "POST", f"{accounts}/{DEPLOYER}:generateIdToken", {}).json() == {"token": DEPLOYER}
    assert federated.call(token, "POST", f"{accounts}/{RUNTIME}:generateAccessToken", {}).status_code == 403
    assert federated.call(DEPLOYER, "POST", f"{accounts}/{DEPLOYER}:generateIdToken", {}).status_code == 403
    assert [*map(str, federated.cloud.differences)] == []


@pytest.mark.parametrize(
    ("claim", "error"),
    [
        ({"iss": "https://elsewhere.example.com"}, "invalid_grant"),
        ({"repository_id": "3003"}, "unauthorized_client"),
        ({"ref": "refs/pull/1/merge"}, "unauthorized_client"),
        ({"environment": "production"}, "unauthorized_client"),
    ],
)
def test_other_tokens_are_not_exchanged(federated: World, claim: Mapping[str, str], error: str) -> None:
    """Of another issuer, or those that the condition rejects."""
    answer = exchanged(federated, {**CLAIMS, **claim})
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_token_without_a_claim_of_the_condition_is_not_exchanged(federated: World) -> None:
    """Jobs that are in no environment have no such claim."""
    answer = exchanged(federated, {name: value for name, value in CLAIMS.items() if name != "environment"})
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


def test_expressions() -> None:
    """What bootstrap's providers use; anything else is refused rather than guessed."""
    assert evaluate(CONDITION, CLAIMS)
    assert not evaluate(f"{CONDITION} && assertion.sub != 'a'", CLAIMS)
    assert evaluate("assertion.sub == 'b' || assertion.sub == 'a'", CLAIMS)
    for other in ("assertion.sub.startsWith('a')", "size(assertion.sub) > 0", "assertion.sub ? 1 : 2", "1 < 2"):
        with pytest.raises(CloudError, match="does not evaluate"):
            evaluate(other, CLAIMS)
