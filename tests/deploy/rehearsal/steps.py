"""The steps, in order. Each does something, fails unless all is as it should be, and returns what it saw."""

import json
from collections.abc import Callable

from tests.deploy.rehearsal.accounts import authenticate, check_needed, plan_as_planner, smoke_test
from tests.deploy.rehearsal.forbidden import try_what_is_forbidden
from tests.deploy.rehearsal.granted import BECOMING, GRANTING, PROJECT, grants, public
from tests.deploy.rehearsal.needed import ACCOUNT
from tests.deploy.rehearsal.rehearsal import PERSON, Rehearsal

SERVICE = "//run.googleapis.com/projects/rehearsal/locations/europe-west1/services/taxiway"
BUCKETS = "//storage.googleapis.com/projects/_/buckets"
MODELS = f"{BUCKETS}/rehearsal-taxiway-models"
FUNCTION = "/cloudfunctions/v2/projects/rehearsal/locations/europe-west1/functions/taxiway"
ATTEMPTS = 60
"""To ask why there is no model, until it has been looked for."""
Step = Callable[[Rehearsal], str]
Steps = tuple[tuple[str, Step], ...]


def bootstrap(rehearsal: Rehearsal) -> str:
    """What a person who owns the project does once."""
    rehearsal.initialize(rehearsal.bootstrap)
    counted = rehearsal.apply(rehearsal.bootstrap)
    assert rehearsal.outputs["state_bucket"] == rehearsal.state_bucket
    rehearsal.noted["bootstrap"] = rehearsal.cloud.existing()
    return counted


def plan_bootstrap_again(rehearsal: Rehearsal) -> str:
    """Everything that was made is as it was asked for."""
    return rehearsal.plan_again(rehearsal.bootstrap)


def deploy(rehearsal: Rehearsal) -> str:
    """The deployer deploys; the state goes to the bucket that bootstrap made."""
    rehearsal.act_as("deployer")
    rehearsal.initialize(rehearsal.root, f"-backend-config=bucket={rehearsal.state_bucket}")
    return rehearsal.apply(rehearsal.root)


def plan_again(rehearsal: Rehearsal) -> str:
    """Everything that was made is as it was asked for."""
    return rehearsal.plan_again(rehearsal.root)


def check_grants(rehearsal: Rehearsal) -> str:
    """Least privilege, as the cloud's policies have it."""
    policies = rehearsal.cloud.policies.all()
    assert grants(policies, ACCOUNT.format("runtime")) == {(MODELS, "roles/storage.objectViewer")}
    assert public(policies) == []
    deployer = {role for resource, role in grants(policies, ACCOUNT.format("deployer")) if resource == PROJECT}
    assert deployer
    assert deployer & (GRANTING | BECOMING) == set()
    planner = {role for _, role in grants(policies, ACCOUNT.format("planner"))}
    assert planner == {"roles/viewer", "roles/iam.securityReviewer"}
    return "the function reads models, nobody is public, CI can't grant"


def ask_without_a_model(rehearsal: Rehearsal) -> str:
    """It runs, may read the bucket, and says how to publish; whoever is no invoker is not even asked."""
    assert rehearsal.ask("/health").status_code == 200
    assert [rehearsal.ask("/health", token=token).status_code for token in ("", "someone@example.com")] == [403, 403]
    uri, error = rehearsal.outputs["model_uri"], ""
    for _ in range(ATTEMPTS):
        error = json.loads(rehearsal.shell(rehearsal.outputs["predict"]))["error"]
        if "it is being loaded" not in error:
            break
    assert f"There is no model to serve: there is no object {uri}." in error, error
    assert f"taxiway publish build/model.zip --to {uri}" in error
    return "503, with the command that publishes"


def publish(rehearsal: Rehearsal) -> str:
    """The function serves what was published, without being deployed."""
    to = f"--to {rehearsal.outputs['model_uri']} --wait {rehearsal.url}"
    rehearsal.shell(f"python -m model_training publish {rehearsal.model} {to}", ID_TOKEN=PERSON)
    rehearsal.noted["version"] = rehearsal.ask("/model").json()["version"]
    return predict(rehearsal)


def predict(rehearsal: Rehearsal) -> str:
    """The line that Terraform prints, word for word."""
    answer = rehearsal.shell(rehearsal.outputs["predict"])
    assert json.loads(answer) == {"predictions": [0]}
    assert rehearsal.ask("/model").json()["version"] == rehearsal.noted["version"]
    return answer


def change_the_source(rehearsal: Rehearsal) -> str:
    """Another zip is another object and another revision; the address and the model stay."""
    revision, sources, url = _revision(rehearsal), _sources(rehearsal), rehearsal.url
    rehearsal.write_zip("\n# changed\n")
    counted = rehearsal.apply(rehearsal.root)
    assert _revision(rehearsal) != revision
    assert len(_sources(rehearsal) - sources) == 1
    assert rehearsal.url == url
    predict(rehearsal)
    return counted


def rename_the_account(rehearsal: Rehearsal) -> str:
    """The function's account gets another name, as an update of the module may give it."""
    path = rehearsal.root / "runtime.tf"
    path.write_text(path.read_text().replace(": function", ": serves the model"))
    counted = rehearsal.apply(rehearsal.root)
    assert counted == "0 added, 1 changed, 0 destroyed"
    return counted


def break_the_source(rehearsal: Rehearsal) -> str:
    """A source that crashes fails the apply; what served before goes on, and the one before it mends all."""
    revision = _revision(rehearsal)
    rehearsal.write_zip("\nraise RuntimeError('this source is broken')\n")
    code, said = rehearsal.try_terraform(rehearsal.root, "apply", "-auto-approve")
    assert (code, "this source is broken" in said) == (1, True), said
    assert _revision(rehearsal) == revision
    code, said = rehearsal.try_terraform(rehearsal.root, "plan", "-detailed-exitcode")
    assert code == 2, said
    predict(rehearsal)
    rehearsal.write_zip("\n# changed\n")
    rehearsal.apply(rehearsal.root)
    predict(rehearsal)
    return rehearsal.plan_again(rehearsal.root)


def open_to_all(rehearsal: Rehearsal) -> str:
    """One binding, of allUsers; without the variable it goes."""
    rehearsal.apply(rehearsal.root, "-var=allow_unauthenticated=true")
    assert public(rehearsal.cloud.policies.all()) == [(SERVICE, "roles/run.invoker", "allUsers")]
    assert "Authorization" not in rehearsal.outputs["predict"]
    predict(rehearsal)
    rehearsal.apply(rehearsal.root)
    assert public(rehearsal.cloud.policies.all()) == []
    return "and closed again"


def destroy(rehearsal: Rehearsal) -> str:
    """The bucket of models stays, with the model; nothing else does."""
    counted = rehearsal.destroy(rehearsal.root)
    assert rehearsal.cloud.existing() == sorted([*rehearsal.noted["bootstrap"], MODELS])
    return counted


def come_back(rehearsal: Rehearsal) -> str:
    """The bucket that stayed is imported, and its model served."""
    rehearsal.terraform(rehearsal.root, "import", "google_storage_bucket.models", "rehearsal-taxiway-models")
    counted = rehearsal.apply(rehearsal.root)
    predict(rehearsal)
    return counted


def destroy_all(rehearsal: Rehearsal) -> str:
    """With force_destroy the models go as well."""
    with (rehearsal.root / "rehearsal.auto.tfvars").open("a") as variables:
        variables.write("model_bucket = { force_destroy = true }\n")
    rehearsal.apply(rehearsal.root)
    counted = rehearsal.destroy(rehearsal.root)
    assert rehearsal.cloud.existing() == rehearsal.noted["bootstrap"]
    return counted


def destroy_bootstrap(rehearsal: Rehearsal) -> str:
    """The bucket of the state stays."""
    rehearsal.act_as("owner")
    counted = rehearsal.destroy(rehearsal.bootstrap)
    assert rehearsal.cloud.existing() == [f"{BUCKETS}/{rehearsal.state_bucket}"]
    return counted


def _revision(rehearsal: Rehearsal) -> str:
    """Return the name of the revision that serves."""
    return str(rehearsal.get(FUNCTION)["serviceConfig"]["revision"])


def _sources(rehearsal: Rehearsal) -> set[str]:
    """Return the names of the uploaded zips."""
    return {each.name for each in rehearsal.cloud.storage.buckets.get("rehearsal-taxiway-source").objects.all()}


STEPS: Steps = (
    ("Bootstrap, once a project", bootstrap),
    ("Plan bootstrap again", plan_bootstrap_again),
    ("Authenticate from GitHub", authenticate),
    ("Deploy", deploy),
    ("Plan again", plan_again),
    ("Plan as a pull request does", plan_as_planner),
    ("Read the grants back", check_grants),
    ("Try what is forbidden", try_what_is_forbidden),
    ("Ask before there is a model", ask_without_a_model),
    ("Publish a model and predict", publish),
    ("Call it as the deployer", smoke_test),
    ("Deploy a changed source", change_the_source),
    ("Plan again", plan_again),
    ("Rename the function's account", rename_the_account),
    ("Deploy a broken source, and the one before it", break_the_source),
    ("Open it to everybody, and close it", open_to_all),
    ("Destroy; the models stay", destroy),
    ("Deploy around the models that stayed", come_back),
    ("Destroy, models and all", destroy_all),
    ("Destroy what bootstrap made", destroy_bootstrap),
    ("Find the step that fails without each grant", check_needed),
)
