"""Terraform's own checks of both modules, and what they can't check: error messages, and names used elsewhere.

The provider comes as it always does, by `terraform init`; `TF_CLI_CONFIG_FILE` and its like are Terraform's to read.
"""

import importlib.util
import re
from pathlib import Path

import msgspec
import pytest

from function.http.settings import Settings, read_settings
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


READ_AT = "https://github.com/me/fork/blob/HEAD/docs/runbook.md"
OBJECTS = (SOURCE / "variables_objects.tf").read_text()
CLOSED = 'load_balancer = { domain = "a.example" }'
REFUSED = {
    'scaling = { cpu = 0.5, memory = "512Mi", concurrency = 2 }': "must be 1 if cpu is below 1 (a rule of Cloud Run)",
    'scaling = { memory = "5Gi" }': "scaling.memory = 5Gi is too much for cpu = 1.",
    'scaling = { memory = "1Gi" }': "MAX_BODY_BYTES: together 1792Mi.",
    'scaling = { cpu = 2, memory = "3Gi" }': "Each of 2 workers (one for each CPU,",
    "scaling = { min_instances = 3, max_instances = 2 }": "must not be more than scaling.max_instances (2)",
    "regions = { europe-west1-b = {} }": "Not valid: europe-west1-b.",
    'environment = { K_SERVICE = "mine" }': "environment must not set PORT,",
    'environment = { MODEL_URI = "gs://other/model" }': "use the variables model_object and preload",
    "regions = { europe-west1 = {}, us-central1 = {} }": "several regions need a load balancer with a domain",
    'regions = { us-east1 = {}, us-west1 = {} }\n  load_balancer = { domain = "a.example", closed = false }': (
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
    'alerts = { email = ["a@b.example"] }': "alerts: unknown options: email. Known are emails, min_failures,",
    "scaling = { min_instance = 1 }": "scaling: unknown options: min_instance. Known are concurrency,",
    "regions = { europe-west1 = { max_instance = 1 } }": "regions: unknown options: europe-west1.max_instance.",
    "regions = { europe-west99 = {} }": "Not valid: europe-west99. Known are asia-east1,",
    "model_bucket = { keep = 3 }": "model_bucket: unknown options: keep. Known are force_destroy,",
    'load_balancer = { domain = "a.example", close = false }': "load_balancer: unknown options: close.",
    'bigquery = { region = "europe-west1", rows = 5 }': "bigquery: unknown options: rows.",
    'scaling = "large"': "object required",
    'environment = { MAX_ROW = "5" }': "environment: unknown settings: MAX_ROW. Known are CORS_ORIGINS,",
    'environment = { MAX_ROWS = "many" }': 'with these settings: MAX_ROWS = "many" (a whole number, above 0).',
    'own_environment = { MAX_ROWS = "5" }': "settings of the function belong in environment",
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


def test_the_options_are_those_of_their_types() -> None:
    """Terraform drops those that a type does not have, so the names are listed beside the variable too."""
    types = "".join(path.read_text() for path in (SOURCE / "options").glob("*.tf"))
    listed = {
        name: set(re.findall(r'"(\w+)"', re.findall(r"\[([^\]]*)\]\)\) == 0", rest)[0]))
        for name, rest in re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', OBJECTS, re.MULTILINE | re.DOTALL)
    }
    assert len(listed) == 8
    for name, options in listed.items():
        declared = types.partition(f'variable "{name}" {{')[2].partition("\n  }")[0]
        assert options == set(re.findall(r"^ {4}(\w+) += ", declared, re.MULTILINE)), name


VALUES = {
    "MAX_ROWS": ["10", "1e3", "10.0", "", "0", "1.5", "010", "+5"],
    "REQUEST_SECONDS": ["3600", "3601", "0", ".5", "1.", "nan"],
    "MODEL_REFRESH_SECONDS": ["0"],
    "METRICS": ["True", "0", "yes"],
    "CORS_ORIGINS": ["*", "https://a.example, http://b.example:8080", "a.example"],
}
SETTINGS = [(name, value) for name, values in VALUES.items() for value in values]


@pytest.fixture(scope="module")
def accepted(copied: Path) -> dict[tuple[str, str], bool]:
    """Which values Terraform accepts."""
    folder = initialized(copied) / "settings"
    folder.mkdir()
    for number, (name, value) in enumerate(SETTINGS):
        chosen = f'project = "example-project"\n  source_zip = "versions.tf"\n  environment = {{ {name} = "{value}" }}'
        alerts = 'alerts = { emails = ["a@b.example"] }'
        plan = PLAN.format(variables=f"{chosen}\n  {alerts}", name=f"run_{number:02}")
        (folder / f"run_{number:02}.tftest.hcl").write_text(plan)
    seen = terraform(copied, "test", "-test-directory=settings")
    verdicts = dict(re.findall(r'run "run_(\d+)"\.\.\. (pass|fail)', seen.stdout))
    assert len(verdicts) == len(SETTINGS), seen.stdout
    return {setting: verdicts[f"{number:02}"] == "pass" for number, setting in enumerate(SETTINGS)}


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_a_plan_checks_settings_as_the_function_does(
    accepted: dict[tuple[str, str], bool], setting: tuple[str, str]
) -> None:
    """What a plan accepts starts, and what it refuses would not."""
    try:
        read_settings(dict([setting]))
        starts = True
    except SystemExit:
        starts = False
    assert accepted[setting] == starts


def test_the_settings_of_terraform_are_those_of_the_function() -> None:
    """`make settings` writes the file."""
    written = (SOURCE / "settings.json").read_text("utf-8")
    path = SOURCE / "settings.py"
    spec = importlib.util.spec_from_file_location("settings", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert written == module.text()


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


EXAMPLE = 'project = "example-project"\n source_zip = "versions.tf"\n alerts = { emails = ["a@b.example"] }'
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
    plan = PLAN.format(variables=f"{EXAMPLE}\n {variable}", name=name)
    (folder / "config.tftest.hcl").write_text(plan.rstrip().removesuffix("}") + ADDRESS.format(uri=uri))
    (copied.parent / "taxiway.toml").write_text(config)
    try:
        seen = terraform(copied, "test", f"-test-directory={folder.name}")
    finally:
        (copied.parent / "taxiway.toml").unlink()
    assert ("taxiway.toml publishes to" in seen.stdout) == (name == "variable"), seen.stdout
    if name != "variable":
        assert "1 passed, 0 failed" in seen.stdout, seen.stdout


REMOTES = {
    "scp": ("git@github.com:me/fork.git", READ_AT),
    "ssh": ("ssh://git@github.com/me/fork", READ_AT),
    "https": ("https://github.com/me/fork/", READ_AT),
    "token": ("https://me:token@github.com/me/fork.git", READ_AT),
    "path": ("/srv/git/fork.git", "docs/runbook.md"),
    "none": (None, "docs/runbook.md"),
}
RUNBOOK = """\
  assert {{
    condition     = local.runbook == "{read_at}"
    error_message = "It is ${{local.runbook}}."
  }}
}}
"""


@pytest.mark.parametrize("name", REMOTES)
def test_alerts_link_to_where_the_fork_shows_its_runbook(copied: Path, name: str) -> None:
    """Whoever applies: derived from the URL of the remote repository, without a token that the URL may contain."""
    remote, read_at = REMOTES[name]
    folder = initialized(copied) / f"remote_{name}"
    folder.mkdir()
    plan = PLAN.format(variables=EXAMPLE, name=name).rstrip().removesuffix("}")
    (folder / "remote.tftest.hcl").write_text(plan + RUNBOOK.format(read_at=read_at))
    config = copied.parent / ".git" / "config"
    config.parent.mkdir(exist_ok=True)
    other = '[core]\n\tbare = false\n[remote "upstream"]\n\turl = https://github.com/not/this.git\n'
    config.write_text(other + (f'[remote "origin"]\n\tfetch = +x\n\turl = {remote}\n' if remote else ""))
    seen = terraform(copied, "test", f"-test-directory={folder.name}")
    config.unlink()
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
    variables = re.search(r"merge\(.*?var.environment, \{(.*?)\}\)", (SOURCE / "function.tf").read_text(), re.DOTALL)
    assert variables
    names = set(re.findall(r"^ *([A-Z_]+) ", variables[1], re.MULTILINE))
    assert names - {"LOG_EXECUTION_ID"} <= {field.encode_name for field in msgspec.structs.fields(Settings)}


def test_the_events_exist() -> None:
    """The events of metrics and alerts are those that the function logs."""
    events = re.findall(r"(?:^ {4}|\.event=\\\")(model_\w+)", (SOURCE / "model_events.tf").read_text(), re.MULTILINE)
    store = (ROOT / "function" / "live" / "store.py").read_text()
    assert events == ["model_refused", "model_missing", "model_live"]
    assert all(f'"{event}"' in store for event in events)
