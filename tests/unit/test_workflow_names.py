"""The workflows name only what exists: paths, make targets, commands, secrets, variables, inputs, outputs."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from model_training.__main__ import app
from tests.support.function_process import ROOT
from tests.support.workflows import WORKFLOWS, Step, commands, document, jobs, steps

STEPS = list(steps())
RUNS = [step for step in STEPS if step.script]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
DOCUMENT = (ROOT / "docs" / "github.md").read_text("utf-8")
PRINTED = re.findall(
    r"^ {4}([A-Z_]+) += ", (ROOT / "terraform" / "bootstrap" / "outputs.tf").read_text("utf-8"), re.MULTILINE
)
OF_STAGING = {f"STAGING_{name}" for name in PRINTED if not name.startswith("PLANNER")}
"""Staging has no planner."""

PROGRAMS = {"cat", "echo", "exit", "make", "sed", "sha256sum", "tee", "terraform", "true", ".venv/bin/taxiway"}
TERRAFORM = {"fmt", "init", "test", "validate"}
# The files that make targets write, as far as a workflow uses them.
MADE = {
    "load": {"build/load.json", "build/load.md"},
    "plan": {"build/plan.txt"},
    "previous": {"build/previous.zip"},
    "sbom": {"build/sbom.cdx.json"},
    "zip": {"build/function.zip"},
    "train": {"build/model.zip", "build/model.report.html", "build/model.report.json"}
    | {"build/model.request.json", ".venv/bin/taxiway"},
}
# The inputs and outputs of the actions at the versions that are pinned, as far as they are used: action.yml there.
ACTIONS: dict[str, tuple[set[str], set[str]]] = {
    "actions/attest-build-provenance": ({"subject-path", "predicate-type", "predicate-path"}, set()),
    "actions/checkout": ({"persist-credentials"}, set()),
    "actions/download-artifact": ({"name", "path", "pattern", "merge-multiple"}, set()),
    "actions/github-script": ({"script"}, set()),
    "actions/setup-python": ({"python-version"}, set()),
    "actions/upload-artifact": ({"name", "overwrite", "path", "retention-days", "if-no-files-found"}, set()),
    "google-github-actions/auth": (
        {"workload_identity_provider", "service_account", "credentials_json", "create_credentials_file"}
        | {"token_format", "id_token_audience", "id_token_include_email"},
        {"id_token"},
    ),
    "astral-sh/setup-uv": ({"version-file", "enable-cache", "cache-dependency-glob"}, set()),
    "ossf/scorecard-action": ({"results_file", "results_format", "publish_results"}, set()),
    "hashicorp/setup-terraform": ({"terraform_version", "terraform_wrapper"}, set()),
}
EXPRESSION = re.compile(r"\$\{\{.*?\}\}")
PATH = re.compile(r"(?<![\w./$@-])(?:\./)?(\.?[\w-][\w.-]*(?:/[\w.-]*\w)+)")


@pytest.mark.parametrize("step", RUNS, ids=str)
def test_programs_exist(step: Step) -> None:
    """They are few, and none that a runner or a person lacks."""
    for program, *words in commands(step.script):
        assert program in PROGRAMS
        assert program != "terraform" or TERRAFORM & set(words)


@pytest.mark.parametrize("step", RUNS, ids=str)
def test_make_targets_exist(step: Step) -> None:
    """With a help text; the variables that they are given exist too."""
    for program, *arguments in commands(step.script):
        for argument in arguments if program == "make" else []:
            name, assigned, _ = argument.partition("=")
            assert re.search(rf"^{name} \?=" if assigned else rf"^{name}:.* ## ", MAKEFILE, re.MULTILINE), argument


@pytest.mark.parametrize("step", [step for step in RUNS if step.script.startswith("make")], ids=str)
def test_make_takes_what_it_is_given(step: Step) -> None:
    """The Makefile reads each variable, or what it calls does, or the script itself."""
    used = {"HAS_KEY", *re.findall(r"\$(\w+)", step.script)}
    for name in {*step.job.get("env", {}), *step.fields.get("env", {})} - used:
        assert re.search(rf"\$\({name}\)", MAKEFILE) or name in ("ID_TOKEN", "TF_CLI_ARGS_plan"), name


@pytest.mark.parametrize("step", RUNS, ids=str)
def test_commands_exist(step: Step) -> None:
    """Those of the training, with their options."""
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    for program, *words in commands(step.script):
        if program == ".venv/bin/taxiway":
            known = {option for parameter in group.commands[words[0]].params for option in parameter.opts}
            given = " ".join([*words, *map(str, step.fields.get("env", {}).values())])
            assert set(re.findall(r"--[a-z-]+", given)) <= known


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_paths_exist(step: Step) -> None:
    """In the repository, or made by then."""
    said = [step.script, step.fields.get("if", ""), *map(str, step.fields.get("with", {}).values())]
    made = made_by(step)
    for path in PATH.findall(EXPRESSION.sub("", "\n".join(said))):
        assert path in made or ((ROOT / path).exists() and not path.startswith((".venv/", "build/"))), path


def test_terraform_modules_exist() -> None:
    """Those that CI goes through are all there are."""
    (job,) = [job for _, name, job in jobs() if name == "terraform"]
    there = {str(path.parent.relative_to(ROOT)) for path in (ROOT / "terraform").rglob("versions.tf")}
    assert set(job["strategy"]["matrix"]["module"]) == there


def made_by(step: Step) -> set[str]:
    """Return the files that are made up to the end of a step: by make, by printing, or by another job."""
    made: set[str] = set()
    for earlier in step.before():
        made |= set(re.findall(r"tee (?:-a )?(build/[\w.]+)", earlier.script))
        made |= {path for program, *words in commands(earlier.script) for word in words for path in MADE.get(word, ())}
        if earlier.action == "actions/download-artifact":
            name = earlier.fields["with"].get("name") or earlier.fields["with"]["pattern"]
            uploads = [each.fields["with"] for each in STEPS if each.action == "actions/upload-artifact"]
            made |= {path for each in uploads if each["name"] == name for path in each["path"].split()}
    return made


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_secrets_and_variables_are_known(path: Path) -> None:
    """Bootstrap prints them, or the document about GitHub explains them."""
    called = document(path)["on"].get("workflow_call") or {}
    known = {*PRINTED, *OF_STAGING, *called.get("secrets", {})}
    asked = set(re.findall(r"(?:secrets|vars)\.(\w+)", path.read_text("utf-8"))) - known
    assert [name for name in sorted(asked) if f"`{name}`" not in DOCUMENT] == []


def test_what_bootstrap_prints_is_used() -> None:
    """All of it."""
    text = "".join(path.read_text("utf-8") for path in WORKFLOWS)
    assert len(PRINTED) == 5
    assert [name for name in [*PRINTED, *sorted(OF_STAGING)] if f"vars.{name}" not in text] == []


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_inputs_and_outputs_of_actions_exist(step: Step) -> None:
    """What an action is given it takes; what is asked of a step before it gives."""
    if step.action:
        assert set(step.fields.get("with", {})) <= ACTIONS[step.action][0]
    before = {each.fields["id"]: each for each in step.before()[:-1] if "id" in each.fields}
    for id, name in re.findall(r"steps\.(\w+)\.outputs\.(\w+)", str(step.fields)):
        if before[id].action:
            assert name in ACTIONS[before[id].action][1]
        elif before[id].script != 'make where >> "$GITHUB_OUTPUT"':
            assert f"{name}=" in before[id].script
        else:
            assert f"{name}=%s" in MAKEFILE.partition("\nwhere:")[2].partition("\n\n")[0]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_what_an_expression_asks_for_is_declared(path: Path) -> None:
    """Inputs, the matrix, the environment, needed jobs, and steps."""
    content = document(path)
    inputs = {name for event in content["on"].values() if isinstance(event, dict) for name in event.get("inputs", {})}
    assert set(re.findall(r"inputs\.(\w+)", path.read_text("utf-8"))) <= inputs
    for job in content["jobs"].values():
        needs = job.get("needs", [])
        assert set([needs] if isinstance(needs, str) else needs) <= set(content["jobs"])
        assert set(re.findall(r"matrix\.(\w+)", str(job))) <= set(job.get("strategy", {}).get("matrix", {}))
        assert set(re.findall(r"\benv\.(\w+)", str(job))) <= set(job.get("env", {}))
        ids = {step["id"] for step in job.get("steps", ()) if "id" in step}
        assert set(re.findall(r"steps\.(\w+)\.", str(job))) <= ids


CALLS = [(workflow, name, job) for workflow, name, job in jobs() if "uses" in job]


@pytest.mark.parametrize(("workflow", "name", "job"), CALLS)
def test_a_called_workflow_gets_what_it_declares(workflow: str, name: str, job: dict[str, Any]) -> None:
    """All of it, and nothing else; its jobs have no more rights than the job that calls it."""
    called = document(ROOT / job["uses"])
    declared = called["on"]["workflow_call"] or {}
    assert set(job.get("with", {})) == set(declared.get("inputs", {}))
    assert set(job.get("secrets", {})) == set(declared.get("secrets", {}))
    for each in called["jobs"].values():
        assert each["permissions"].items() <= job["permissions"].items()
