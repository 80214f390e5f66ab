"""A strict cloud, and plain calls to it."""

from typing import Any

import httpx

from tests.local_cloud import LocalCloud
from tests.local_cloud.environment import OWNER

PROJECT = "/cloudresourcemanager/v1/projects/rehearsal"
ACCOUNTS = "/iam/v1/projects/rehearsal/serviceAccounts"
RUNTIME = "runtime@rehearsal.iam.gserviceaccount.com"
DEPLOYER = "deployer@rehearsal.iam.gserviceaccount.com"
MODELS = "/storage/v1/b/models"


class World:
    """A strict cloud with a bucket of models, and plain calls to it."""

    def __init__(self, cloud: LocalCloud) -> None:
        """Make the bucket, with one model."""
        self.cloud = cloud
        self.api = httpx.Client(base_url=cloud.url, trust_env=False)
        assert self.call(OWNER, "POST", "/storage/v1/b?project=rehearsal", {"name": "models"}).is_success
        assert self.upload(OWNER).is_success

    def call(self, caller: str, verb: str, path: str, body: Any = None) -> httpx.Response:
        """Make a call as somebody; as nobody without a name."""
        headers = {"Authorization": f"Bearer {caller}"} if caller else {}
        return self.api.request(verb, path, json=body, headers=headers)

    def upload(self, caller: str, name: str = "flight-delay") -> httpx.Response:
        """Write a model."""
        return self.call(caller, "POST", f"/upload{MODELS}/o?uploadType=media&name={name}", {})

    def grant(self, path: str, role: str, member: str, *, verb: str = "POST") -> None:
        """Add a grant to a policy, as the owner, the way Terraform does."""
        reading, writing = ("getIamPolicy", "setIamPolicy") if verb == "POST" else ("iam", "iam")
        policy = self.call(OWNER, "GET" if verb == "PUT" else "POST", f"{path}{reading}").json()
        bindings = [*policy.get("bindings", []), {"role": role, "members": [member]}]
        policy = {"bindings": bindings, "etag": policy["etag"]}
        answer = self.call(OWNER, verb, f"{path}{writing}", {"policy": policy} if verb == "POST" else policy)
        assert answer.is_success, answer.text
