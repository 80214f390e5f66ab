"""Terraform's own checks of both modules, and what they can't check: error messages, and names used elsewhere.

The provider comes as it always does, by `terraform init`; `TF_CLI_CONFIG_FILE` and its like are Terraform's to read.
"""

import re
from pathlib import Path

import msgspec
import pytest

from function.http.settings import Settings
from tests.deploy.terraform_command import SOURCE, copy_of_both, initialized, terraform

ROOT = Path(__file__).parents[2]
MODULES = ["bootstrap", "."]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both modules, to work in."""
    return copy_of_both(tmp_path_factory.mktemp("modules"))


def test_format(copied: Path) -> None:
    """As `terraform fmt` has it."""
    seen = terraform(copied, "fmt", "-check", "-recursive", "-diff")
    assert seen.returncode == 0, seen.stdout


@pytest.mark.parametrize("module", MODULES)
def test_validate(copied: Path, module: str) -> None:
    """Every argument exists and has the right type."""
    seen = terraform(initialized(copied / module), "validate")
    assert seen.returncode == 0, seen.stdout


@pytest.mark.parametrize("module", MODULES)
def test_rules(copied: Path, module: str) -> None:
    """The modules' own tests, of what is planned and what is refused."""
    seen = terraform(initialized(copied / module), "test")
    assert seen.returncode == 0, seen.stdout
    assert re.search(r"Success! [1-9]\d* passed, 0 failed\.", seen.stdout)


CLOSED = 'load_balancer = { domain = "a.example" }'
REFUSED = {
    'scaling = { cpu = 0.5, memory = "512Mi", concurrency = 2 }': "must be 1 if cpu is below 1 (a rule of Cloud Run)",
    'scaling = { memory = "5Gi" }': "scaling.memory = 5Gi is too much for cpu = 1.",
    'scaling = { memory = "1Gi" }': "at least 256Mi and five times MAX_MODEL_BYTES",
    "scaling = { min_instances = 3, max_instances = 2 }": "must not be more than scaling.max_instances (2)",
    "regions = { europe-west1-b = {} }": "Not valid: europe-west1-b.",
    'environment = { K_SERVICE = "mine" }': "environment must not set PORT,",
    'environment = { MODEL_URI = "gs://other/model" }': "use the variables model_object and preload",
    "regions = { europe-west1 = {}, us-central1 = {} }": "several regions need a load balancer with a domain",
    'regions = { a-b1 = {}, c-d1 = {} }\n  load_balancer = { domain = "a.example", closed = false }': (
        "an identity token is valid for the URL of a single region"
    ),
    CLOSED: "the audience of its identity token is the host that it checks (the domain)",
    f'{CLOSED}\n  allow_unauthenticated = true\n  bigquery = {{ region = "europe-west1" }}': (
        "Google does not guarantee that it may. Set load_balancer = { closed = false, ... }"
    ),
    'load_balancer = { domain = "https://a.example" }': "no https://, no path, no *.",
    'bigquery = { region = "us-central1" }': "must be one of the function's regions: europe-west1.",
    'bigquery = { region = "europe-west1", location = "US" }': "London and Zurich are not in EU",
    "latency_goal = 95": "a goal of 1 or more leaves no error budget",
    'invokers = ["allUsers"]': "for a public function, set allow_unauthenticated = true",
    'source_zip = "no/such.zip"': "Run `make zip` first",
}
PLAN = """\
mock_provider "google" {{
  source          = "./tests/mocks"
  override_during = plan
}}
variables {{
  {variables}
}}
run "{name}" {{
  command = plan
}}
"""


@pytest.fixture(scope="module")
def refusals(copied: Path) -> str:
    """What Terraform says to each wrong input, in one line."""
    folder = initialized(copied) / "refusals"
    folder.mkdir()
    zipped = 'source_zip = "versions.tf"'
    for number, wrong in enumerate(REFUSED):
        chosen = [wrong, 'project = "example-project"', *([] if "source_zip" in wrong else [zipped])]
        plan = PLAN.format(variables="\n  ".join(chosen), name=f"wrong_{number}")
        (folder / f"wrong_{number}.tftest.hcl").write_text(plan)
    seen = terraform(copied, "test", "-test-directory=refusals")
    assert f"0 passed, {len(REFUSED)} failed" in seen.stdout, seen.stdout
    return " ".join(seen.stdout.split())


@pytest.mark.parametrize("wrong", REFUSED)
def test_a_refusal_says_why(refusals: str, wrong: str) -> None:
    """In a sentence, when planning."""
    assert REFUSED[wrong] in refusals


def test_the_example_is_planned(copied: Path) -> None:
    """With all that it proposes."""
    folder = initialized(copied) / "example"
    folder.mkdir()
    (folder / "example.tftest.hcl").write_text(PLAN.format(variables='source_zip = "versions.tf"', name="example"))
    example = (copied / "terraform.tfvars.example").read_text()
    (copied / "all.tfvars").write_text(re.sub(r"^# (?=[a-z_]+ +=)", "", example, flags=re.MULTILINE))
    seen = terraform(copied, "test", "-test-directory=example", "-var-file=all.tfvars")
    assert "1 passed, 0 failed" in seen.stdout, seen.stdout


ADDRESS = """\
  assert {{
    condition     = local.model_uri == "{uri}"
    error_message = "It is ${{local.model_uri}}."
  }}
}}
"""
CONFIGS = {
    "none": ("", "", "models/flight-delay"),
    "other": ('data = "orders.csv"\n[kind]\nto = "category"\n', "", "models/flight-delay"),
    "to": ('to = "gs://example-project-taxiway-models/models/churn"\n', "", "models/churn"),
    "variable": ("to = 'gs://example-project-taxiway-models/models/churn'\n", 'model_object = "m"', "m"),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_the_model_is_where_taxiway_toml_publishes(copied: Path, name: str) -> None:
    """Without an address, as ever; the variable wins, with a warning."""
    config, variable, served = CONFIGS[name]
    folder = initialized(copied) / f"config_{name}"
    folder.mkdir()
    uri = f"gs://example-project-taxiway-models/{served}"
    plan = PLAN.format(variables=f'project = "example-project"\n source_zip = "versions.tf"\n {variable}', name=name)
    (folder / "config.tftest.hcl").write_text(plan.rstrip().removesuffix("}") + ADDRESS.format(uri=uri))
    (copied.parent / "taxiway.toml").write_text(config)
    try:
        seen = terraform(copied, "test", f"-test-directory={folder.name}")
    finally:
        (copied.parent / "taxiway.toml").unlink()
    assert ("taxiway.toml publishes to" in seen.stdout) == (name == "variable"), seen.stdout
    if name != "variable":
        assert "1 passed, 0 failed" in seen.stdout, seen.stdout


def test_project_grants_are_bootstraps() -> None:
    """The deployer, which applies the root module, never needs the right to give roles on the project."""
    root = "".join(path.read_text() for path in SOURCE.glob("*.tf"))
    assert "google_project_iam" not in root
    assert "google_project_iam_member" in (SOURCE / "bootstrap" / "deployer.tf").read_text()


def test_the_runtime_account_has_one_grant() -> None:
    """It is named as a member once."""
    root = "".join(path.read_text() for path in SOURCE.glob("*.tf"))
    assert root.count("google_service_account.runtime.member") == 1
    assert root.count("google_service_account.runtime.email") == 1  # what the function runs as


def test_one_provider() -> None:
    """Everything is Google's."""
    for path in SOURCE.rglob("*.tf"):
        kinds = re.findall(r'^(?:resource|data) "(\w+)"', path.read_text(), re.MULTILINE)
        assert [kind for kind in kinds if not kind.startswith("google_")] == [], path


def test_the_settings_exist() -> None:
    """Those that Terraform sets are read by the function; LOG_EXECUTION_ID is the framework's."""
    variables = re.search(r"merge\(var.environment, \{(.*?)\}\)", (SOURCE / "function.tf").read_text(), re.DOTALL)
    assert variables
    names = set(re.findall(r"^ *([A-Z_]+) ", variables[1], re.MULTILINE))
    assert names - {"LOG_EXECUTION_ID"} <= {field.encode_name for field in msgspec.structs.fields(Settings)}


def test_the_defaults_of_settings_are_those_of_the_function() -> None:
    """Where a rule needs the value of a setting that is not set."""
    text = "".join(path.read_text() for path in SOURCE.glob("*.tf"))
    found = set(re.findall(r'lookup\(var\.environment, "([A-Z_]+)", "(.*?)"\)', text))
    assert len(found) >= 2
    assert found == {(name, str(getattr(Settings(), name.lower()))) for name, _ in found}


def test_the_events_exist() -> None:
    """The events of metrics and alerts are those that the function logs."""
    events = re.findall(r"(?:^ {4}|\.event=\\\")(model_\w+)", (SOURCE / "model_events.tf").read_text(), re.MULTILINE)
    store = (ROOT / "function" / "live" / "store.py").read_text()
    assert events == ["model_refused", "model_missing", "model_live"]
    assert all(f'"{event}"' in store for event in events)
