"""IAM in a strict cloud: who a caller is, what each call needs, and who has it."""

import httpx
import pytest
from google.api_core.exceptions import Forbidden
from google.cloud import storage

from tests.deploy.rehearsal.needed import ACCOUNT, needed
from tests.deploy.strict_world import ACCOUNTS, DEPLOYER, MODELS, PROJECT, RUNTIME, World
from tests.local_cloud.access.permissions import FURTHER, PERMISSIONS
from tests.local_cloud.access.roles import ROLES
from tests.local_cloud.discovery.documents import methods
from tests.local_cloud.environment import OWNER


def test_the_function_s_account_reads_models_and_cannot_write(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its role on the bucket; Google's client gets 403 with the permission that is missing."""
    for name, value in world.cloud.environment(RUNTIME).items():
        monkeypatch.setenv(name, value)
    with storage.Client(project="rehearsal") as client:
        model = client.bucket("models").blob("flight-delay")
        with pytest.raises(Forbidden, match=f"{RUNTIME} does not have storage.objects.get access"):
            model.download_as_bytes()
        world.grant(f"{MODELS}/", "roles/storage.objectViewer", f"serviceAccount:{RUNTIME}", verb="PUT")
        assert model.download_as_bytes() == b"{}"
        with pytest.raises(Forbidden, match=r"'storage.objects.create' denied"):
            model.upload_from_string(b"mine")
        with pytest.raises(Forbidden, match=r"'storage.objects.create' denied"):
            model.rewrite(model)
        with pytest.raises(Forbidden, match=r"'storage.objects.delete' denied"):
            model.delete()


def test_a_resumable_upload_needs_the_permission_where_it_starts(world: World) -> None:
    """Its address is given to whoever had it, and is enough then."""
    start = f"/upload{MODELS}/o?uploadType=resumable&name=large"
    assert world.call(RUNTIME, "POST", start, {}).status_code == 403
    location = world.call(OWNER, "POST", start, {}).headers["Location"]
    assert httpx.put(location, content=b"large", trust_env=False).status_code == 200
    for verb, path in (("GET", f"{MODELS}/o/flight-delay?upload_id=a"), ("POST", f"{start}&upload_id=a")):
        assert world.call(RUNTIME, verb, path, {}).status_code == 403


def test_to_overwrite_is_to_delete(world: World) -> None:
    """A role that may create objects alone may create new ones alone."""
    ROLES_OF_ONE = {"roles/storage.legacyBucketOwner", "roles/storage.admin"}
    assert {role for role in ROLES if "storage.objects.create" in ROLES[role]} == ROLES_OF_ONE
    world.grant(f"{MODELS}/", "roles/storage.legacyBucketOwner", f"user:{RUNTIME}", verb="PUT")
    world.upload(OWNER)
    needed = [each.need.permission for each in world.cloud.access.decisions[-2:]]
    assert needed == ["storage.objects.create", "storage.objects.delete"]


@pytest.mark.parametrize(
    ("caller", "status", "word"),
    [
        ("", 401, "UNAUTHENTICATED"),
        ("who", 401, "UNAUTHENTICATED"),
        ("a@b.c", 403, "PERMISSION_DENIED"),
        (OWNER, 200, ""),
    ],
)
def test_errors_have_google_s_shape(world: World, caller: str, status: int, word: str) -> None:
    """With the permission and the resource in the details, and a word for the status."""
    answer = world.call(caller, "POST", f"{PROJECT}:getIamPolicy")
    assert (answer.status_code, answer.json().get("error", {}).get("status", "")) == (status, word)
    if status == 403:
        (detail,) = answer.json()["error"]["details"]
        expected = {"permission": "resourcemanager.projects.getIamPolicy", "resource": "projects/rehearsal"}
        assert (detail["reason"], detail["metadata"]) == ("IAM_PERMISSION_DENIED", expected)


def test_compute_words_it_in_its_own_way(world: World) -> None:
    """What a resource refers to needs to be used, too."""
    routes = {"name": "r", "defaultService": "projects/rehearsal/global/backendServices/s"}
    path = "/compute/compute/v1/projects/rehearsal/global/urlMaps"
    error = world.call(DEPLOYER, "POST", path, routes).json()["error"]
    assert error["message"] == "Required 'compute.urlMaps.create' permission for 'projects/rehearsal/global/urlMaps'"
    assert world.call(OWNER, "POST", path, routes).status_code == 404
    assert world.cloud.access.decisions[-1].need.permission == "compute.backendServices.use"


def test_roles_are_inherited(world: World) -> None:
    """From the project by its bucket, and by a basic role that the bucket's own policy names."""
    reader, viewer = "reader@example.com", "viewer@example.com"
    world.grant(f"{PROJECT}:", "roles/storage.objectViewer", f"user:{reader}")
    world.grant(f"{PROJECT}:", "roles/viewer", f"user:{viewer}")
    assert world.call(reader, "GET", f"{MODELS}/o/flight-delay").status_code == 200
    assert world.call(reader, "GET", MODELS).status_code == 403
    assert world.call(viewer, "GET", f"{MODELS}/o/flight-delay").status_code == 200
    assert world.call(viewer, "GET", f"{MODELS}/iam").status_code == 403
    depends_on = world.cloud.access.decisions[-2].depends_on
    assert {grant.role for grant in depends_on} == {"roles/viewer", "roles/storage.legacyObjectReader"}


def test_a_function_needs_its_accounts(world: World) -> None:
    """To act as the one that it runs as and as the one that it is built with, on the account or on the project."""
    place = "/cloudfunctions/v2/projects/rehearsal/locations/europe-west1/functions?functionId=f"
    build = "projects/rehearsal/serviceAccounts/build@rehearsal.iam.gserviceaccount.com"
    function = {"serviceConfig": {"serviceAccountEmail": RUNTIME}, "buildConfig": {"serviceAccount": build}}
    world.grant(f"{PROJECT}:", "roles/cloudfunctions.developer", f"serviceAccount:{DEPLOYER}")
    for name in ("runtime", "build"):
        refused = world.call(DEPLOYER, "POST", place, function)
        assert f"'iam.serviceAccounts.actAs' denied on resource '//iam.googleapis.com/{PROJECT[25:]}" in refused.text
        assert f"serviceAccounts/{name}@" in refused.text
        assert world.call(OWNER, "POST", ACCOUNTS, {"accountId": name}).is_success
        path = f"{ACCOUNTS}/{name}@rehearsal.iam.gserviceaccount.com:"
        world.grant(path, "roles/iam.serviceAccountUser", f"serviceAccount:{DEPLOYER}")
    built = world.call(DEPLOYER, "POST", place, function)
    assert "The build account build@rehearsal.iam.gserviceaccount.com lacks storage.objects.get" in built.text


def test_conditions_of_grants_are_refused(world: World) -> None:
    """They would not be evaluated."""
    binding = {"role": "roles/viewer", "members": ["user:a@b.c"], "condition": {"expression": "true"}}
    answer = world.call(OWNER, "POST", f"{PROJECT}:setIamPolicy", {"policy": {"bindings": [binding]}})
    assert answer.status_code == 501


def test_without_a_grant(world: World) -> None:
    """What depends on it is refused for a while, and the decision names it."""
    world.grant(f"{MODELS}/", "roles/storage.objectViewer", f"serviceAccount:{RUNTIME}", verb="PUT")
    assert world.call(RUNTIME, "GET", f"{MODELS}/o").status_code == 200
    (grant,) = world.cloud.access.decisions[-1].depends_on
    with world.cloud.access.deprived_of(grant.role, grant.member):
        assert world.call(RUNTIME, "GET", f"{MODELS}/o").status_code == 403
    assert world.call(RUNTIME, "GET", f"{MODELS}/o").status_code == 200
    world.grant(f"{PROJECT}:", "roles/storage.admin", f"serviceAccount:{RUNTIME}")
    assert world.call(RUNTIME, "GET", f"{MODELS}/o").status_code == 200
    assert world.cloud.access.decisions[-1].depends_on == set()


def test_the_step_that_fails_without_a_grant_is_found(world: World) -> None:
    """The first with a call that no other grant allows; none if there is always another one."""
    runtime, planner = ACCOUNT.format("runtime"), ACCOUNT.format("planner")
    world.grant(f"{MODELS}/", "roles/storage.objectViewer", runtime, verb="PUT")
    world.grant(f"{MODELS}/", "roles/storage.objectViewer", planner, verb="PUT")
    world.grant(f"{PROJECT}:", "roles/viewer", planner)
    for step, path in (("List", "o"), ("Read", "o/flight-delay"), ("List again", "o")):
        world.cloud.access.step = step
        for account in (runtime, planner):
            assert world.call(account.removeprefix("serviceAccount:"), "GET", f"{MODELS}/{path}").status_code == 200
    world.cloud.access.step = "Read the project"
    assert world.call(planner.removeprefix("serviceAccount:"), "GET", PROJECT).status_code == 200
    found = {(each.account, each.grant.role): (each.step, each.permission) for each in needed(world.cloud)}
    assert found == {
        ("runtime", "roles/storage.objectViewer"): ("List", "storage.objects.list"),
        ("planner", "roles/storage.objectViewer"): ("", ""),
        ("planner", "roles/viewer"): ("Read the project", "resourcemanager.projects.get"),
    }


def test_the_tables_agree() -> None:
    """Each method exists, each role has permissions that are asked for, and each permission is some role's."""
    versions = (
        ("v1", "artifactregistry bigqueryconnection cloudresourcemanager compute iam iamcredentials"),
        ("v1", "monitoring run serviceusage storage sts"),
        ("v2", "bigquery cloudfunctions logging run"),
        ("v3", "monitoring"),
    )
    ids = {method.id for version, apis in versions for api in apis.split() for method in methods(api, version)}
    assert set(PERMISSIONS) - ids == {"storage.upload.resume", "storage.xml.get"}
    asked = {permission for needed in PERMISSIONS.values() for permission in needed} | set(FURTHER)
    assert set().union(*ROLES.values()) <= asked
    assert asked <= set().union(*ROLES.values())
