"""The function as it is deployed: its zip, created through the API, answering at its address."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.local_cloud import LocalCloud

ROOT = Path(__file__).parents[2]
MODEL = "gs://taxiway-models/model.zip"
SERVICES = "/run/v2/projects/rehearsal/locations/europe-west1/services"
FUNCTIONS = "/cloudfunctions/v2/projects/rehearsal/locations/europe-west1/functions"
INVOKER = "deployer@rehearsal.iam.gserviceaccount.com"


class Deployer:
    """Uploads sources and creates functions, by plain calls."""

    def __init__(self, cloud: LocalCloud) -> None:
        """Make a bucket for sources."""
        self.api = httpx.Client(base_url=cloud.url, timeout=300, trust_env=False)
        self.api.post("/storage/v1/b", json={"name": "sources"}).raise_for_status()
        self._uploads = 0

    def build(self, **changes: str | None) -> dict[str, Any]:
        """Upload the zip, with some files changed or left out; return a buildConfig."""
        self._uploads += 1
        name = f"source-{self._uploads}.zip"
        query = {"uploadType": "media", "name": name}
        answer = self.api.post("/upload/storage/v1/b/sources/o", params=query, content=source_zip(**changes))
        source = {"bucket": "sources", "object": name, "generation": int(answer.json()["generation"])}
        return {"entryPoint": "predict", "runtime": "python311", "source": {"storageSource": source}}

    def create(self, id: str, build: Mapping[str, Any], **service: Any) -> dict[str, Any]:
        """Create a function; return the operation."""
        variables = {"MODEL_URI": MODEL, "LOG_EXECUTION_ID": "true"}
        body = {"buildConfig": build, "serviceConfig": {"environmentVariables": variables, **service}}
        return self._done(self.api.post(FUNCTIONS, params={"functionId": id}, json=body))

    def change(self, id: str, build: Mapping[str, Any]) -> dict[str, Any]:
        """Give a function another source; return the operation."""
        query = {"updateMask": "buildConfig"}
        return self._done(self.api.patch(f"{FUNCTIONS}/{id}", params=query, json={"buildConfig": build}))

    def allow(self, id: str, *members: str) -> None:
        """Let only these call a function."""
        bindings = [{"role": "roles/run.invoker", "members": list(members)}] if members else []
        answer = self.api.post(f"{SERVICES}/{id}:setIamPolicy", json={"policy": {"bindings": bindings}})
        answer.raise_for_status()

    def get(self, id: str) -> dict[str, Any]:
        """Return a function's resource."""
        resource: dict[str, Any] = self.api.get(f"{FUNCTIONS}/{id}").raise_for_status().json()
        return resource

    def _done(self, answer: httpx.Response) -> dict[str, Any]:
        operation: dict[str, Any] = answer.raise_for_status().json()
        while not operation.get("done"):
            operation = self.api.get(f"/cloudfunctions/v2/{operation['name']}").raise_for_status().json()
        return operation


def source_zip(**changes: str | None) -> bytes:
    """Return what is deployed; `main="..."` changes main.py, and None leaves a file out."""
    files = [ROOT / "main.py", ROOT / "requirements.txt", *sorted((ROOT / "function").rglob("*.py"))]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in files:
            text = changes.get(path.stem, path.read_text()) if path.parent == ROOT else path.read_text()
            if text is not None:
                archive.writestr(str(path.relative_to(ROOT)), text)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """One cloud for the file."""
    with LocalCloud() as running:
        yield running


@pytest.fixture(scope="module")
def deployer(cloud: LocalCloud) -> Iterator[Deployer]:
    """Someone who may deploy, and has deployed a function that only the deployer may call."""
    deployer = Deployer(cloud)
    operation = deployer.create("taxiway", deployer.build())
    assert "error" not in operation, operation["error"]["message"]
    deployer.allow("taxiway", f"serviceAccount:{INVOKER}")
    yield deployer
    deployer.api.close()


@pytest.fixture
def function(deployer: Deployer) -> Iterator[httpx.Client]:
    """A caller of the function who is allowed to."""
    uri = deployer.get("taxiway")["serviceConfig"]["uri"]
    with httpx.Client(base_url=uri, headers={"Authorization": f"Bearer {INVOKER}"}, trust_env=False) as client:
        yield client


def test_it_answers(function: httpx.Client) -> None:
    """The zip has all that the function needs."""
    answer = function.get("/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "OK"


def test_without_a_model_it_says_what_to_do(function: httpx.Client) -> None:
    """Before the first model, a prediction is a 503 with the command that publishes one."""
    answer = function.post("/predict", json={"instances": []})
    assert answer.status_code == 503
    assert f"taxiway publish build/model.zip --to {MODEL}" in answer.json()["error"]


def test_only_invokers_may_call(function: httpx.Client) -> None:
    """Without a token, or with that of somebody else, the function is not even asked."""
    for headers in ({}, {"Authorization": "Bearer someone@example.com"}, {"Authorization": INVOKER}):
        answer = httpx.get(f"{function.base_url}/health", headers=headers, trust_env=False)
        assert answer.status_code == 403


def test_everybody_may_call_when_all_users_are_invokers(deployer: Deployer, function: httpx.Client) -> None:
    """The binding of allUsers makes it public, and taking it back makes it private."""
    url = f"{function.base_url}/health"
    deployer.allow("taxiway", "allUsers")
    assert httpx.get(url, trust_env=False).status_code == 200
    deployer.allow("taxiway", f"serviceAccount:{INVOKER}")
    assert httpx.get(url, trust_env=False).status_code == 403


@pytest.mark.parametrize("from_terraform", [False, True])
def test_an_instance_compiles_nothing(cloud: LocalCloud, deployer: Deployer, *, from_terraform: bool) -> None:
    """The build has done so. Without the variable that Terraform sets, the dates in the image make that useless."""
    variables = re.findall(r'{ (SOURCE_DATE_EPOCH) = "(\d+)" }', (ROOT / "terraform" / "function.tf").read_text())
    build = {**deployer.build(), "environmentVariables": dict(variables) if from_terraform else {}}
    operation = deployer.create("verbose", build, environmentVariables={"MODEL_URI": MODEL, "PYTHONVERBOSE": "1"})
    assert "error" not in operation, operation["error"]["message"]
    log = cloud.functions.log(operation["response"]["name"])
    deployer.api.delete(f"{FUNCTIONS}/verbose").raise_for_status()
    loaded = set(re.findall(r"^# code object from '?(?:\S*/)?(function/\S+|main)\.(pyc?)\b", log, re.MULTILINE))
    assert {kind for _, kind in loaded} == ({"pyc"} if from_terraform else {"py"}), loaded


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"main": "raise RuntimeError('no way')"}, "no way"),
        ({"main": "def predict(:"}, "SyntaxError"),
        ({"main": None}, "no main.py"),
        ({"requirements": "flask\n"}, "--require-hashes"),
    ],
    ids=["it crashes on import", "it is no Python", "it has no main.py", "its requirements have no hashes"],
)
def test_a_bad_source_leaves_the_old_revision(
    deployer: Deployer, function: httpx.Client, changes: dict[str, str | None], reason: str
) -> None:
    """The operation fails with the reason; what served before goes on, and is what the API shows."""
    before = deployer.get("taxiway")
    operation = deployer.change("taxiway", deployer.build(**changes))
    assert reason in operation["error"]["message"]
    assert deployer.get("taxiway") == before
    assert function.get("/health").status_code == 200


def test_a_new_source_is_a_new_revision_at_the_same_address(deployer: Deployer, function: httpx.Client) -> None:
    """The address and who may call stay."""
    before = deployer.get("taxiway")["serviceConfig"]
    text = (ROOT / "main.py").read_text()
    operation = deployer.change("taxiway", deployer.build(main=f"{text}\n# changed\n"))
    after = operation["response"]["serviceConfig"]
    assert after["revision"] != before["revision"]
    assert after["uri"] == before["uri"]
    assert function.get("/health").status_code == 200


def test_a_deleted_function_is_gone(cloud: LocalCloud, deployer: Deployer) -> None:
    """Its address is closed, its resource and its policy are missing."""
    uri = deployer.create("passing", deployer.build())["response"]["serviceConfig"]["uri"]
    deployer.allow("passing", "allUsers")
    assert httpx.get(f"{uri}/health", trust_env=False).status_code == 200
    assert deployer.api.delete(f"{FUNCTIONS}/passing").json()["done"]
    assert deployer.api.get(f"{FUNCTIONS}/passing").status_code == 404
    assert not [name for name in cloud.policies.all() if name.endswith("/passing")]
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{uri}/health", trust_env=False)
