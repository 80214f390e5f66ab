"""What nobody may do: real attempts, by accounts and by strangers."""

from collections.abc import Callable

import pytest
from google.api_core.exceptions import Forbidden
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from tests.deploy.rehearsal.needed import ACCOUNT
from tests.deploy.rehearsal.rehearsal import Rehearsal

MODELS = "rehearsal-taxiway-models"
MODEL = "models/flight-delay"
PROJECT = "/cloudresourcemanager/v1/projects/rehearsal"
STRANGER = "stranger@example.com"


def try_what_is_forbidden(rehearsal: Rehearsal) -> str:
    """The function cannot write models, the planner cannot write, the deployer cannot grant, strangers cannot read."""
    runtime, deployer, planner = (_email(name) for name in ("runtime", "deployer", "planner"))
    with _client(rehearsal, runtime) as client:
        models, state = client.bucket(MODELS), client.bucket(rehearsal.state_bucket)
        attempts: tuple[tuple[str, Callable[[], object]], ...] = (
            ("storage.objects.create", lambda: models.blob(MODEL).upload_from_string(b"mine")),
            ("storage.objects.delete", lambda: models.blob(MODEL).delete()),
            ("storage.buckets.getIamPolicy", models.get_iam_policy),
            ("storage.objects.get", lambda: state.blob("root/default.tfstate").download_as_bytes()),
        )
        for permission, attempt in attempts:
            with pytest.raises(Forbidden, match=f"'{permission}' denied"):
                attempt()
    lock = f"/upload/storage/v1/b/{rehearsal.state_bucket}/o?uploadType=media&name=root/default.tflock"
    become = f"/iamcredentials/v1/projects/-/serviceAccounts/{runtime}:generateAccessToken"
    calls = (
        (planner, "POST", lock, 403, "storage.objects.create"),
        (deployer, "POST", f"{PROJECT}:setIamPolicy", 403, "resourcemanager.projects.setIamPolicy"),
        (deployer, "POST", become, 403, "iam.serviceAccounts.getAccessToken"),
        (STRANGER, "GET", f"/{MODELS}/{MODEL}", 403, "storage.objects.get"),
        (STRANGER, "POST", f"{PROJECT}:getIamPolicy", 403, "resourcemanager.projects.getIamPolicy"),
        ("", "GET", f"/{MODELS}/{MODEL}", 401, "storage.objects.get"),
    )
    count = len(attempts) + try_all(rehearsal, *calls)
    return f"{count} attempts, all refused: the function's account cannot write a model"


def try_all(rehearsal: Rehearsal, *calls: tuple[str, str, str, int, str]) -> int:
    """Make calls, which are refused: (caller, verb, path, status, permission); return how many these are."""
    for caller, verb, path, status, permission in calls:
        answer = rehearsal.call(verb, path, token=caller)
        said = f"{caller} {verb} {path}: {answer.text}"
        assert (answer.status_code, permission in answer.text) == (status, True), said
    return len(calls)


def _client(rehearsal: Rehearsal, caller: str) -> storage.Client:
    """Return Google's client as an account uses it."""
    address = rehearsal.cloud.environment(caller)["STORAGE_EMULATOR_HOST"]
    nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]
    return storage.Client(project="rehearsal", credentials=nobody, client_options={"api_endpoint": address})


def _email(account: str) -> str:
    return ACCOUNT.format(account).removeprefix("serviceAccount:")
