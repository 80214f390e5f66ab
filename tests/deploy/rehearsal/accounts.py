"""Steps about the accounts of the workflows: how they authenticate, and what each of their grants is for."""

from collections.abc import Callable

import pytest

from tests.deploy.rehearsal import github
from tests.deploy.rehearsal.needed import ACCOUNTS, needed
from tests.deploy.rehearsal.rehearsal import Rehearsal

ELSEWHERE = {**github.PUSH, "repository_id": "3003"}
"""The claims of a workflow of another repository."""
READS = (("roles/viewer", "storage.objects.get"), ("roles/iam.securityReviewer", "storage.buckets.getIamPolicy"))
"""The planner's roles on the project, and a permission that each alone has."""
PLAN = ("plan", "-detailed-exitcode", "-lock=false")


def authenticate(rehearsal: Rehearsal) -> str:
    """Workflows become the accounts that bootstrap made for them; a pull request's only the one that plans."""
    cloud = rehearsal.cloud
    variables = dict(line.split("=", 1) for line in rehearsal.outputs["github_variables"].split())
    rehearsal.noted["github"] = variables
    deployer, at_deployer = variables["DEPLOYER"], variables["DEPLOYER_PROVIDER"]
    planner, at_planner = variables["PLANNER"], variables["PLANNER_PROVIDER"]
    rehearsal.tokens["deployer"] = github.access_token(cloud, github.PUSH, at_deployer, deployer)
    rehearsal.tokens["planner"] = github.access_token(cloud, github.PULL_REQUEST, at_planner, planner)
    attempts: tuple[Callable[[], str], ...] = (
        lambda: github.federated_token(cloud, github.PULL_REQUEST, at_deployer),
        lambda: github.federated_token(cloud, ELSEWHERE, at_deployer),
        lambda: github.access_token(cloud, github.PUSH, at_planner, deployer),
    )
    for attempt in attempts:
        with pytest.raises(github.Refused):
            attempt()
    return "the deployer from main, the planner from a pull request; no other way round"


def plan_as_planner(rehearsal: Rehearsal) -> str:
    """A pull request's plan reads everything and writes nothing; without either of its roles it fails."""
    rehearsal.act_as("planner")
    for role, permission in READS:
        with rehearsal.cloud.access.deprived_of(role):
            code, said = rehearsal.try_terraform(rehearsal.root, *PLAN)
        assert (code, f"'{permission}' denied" in said) == (1, True), f"without {role}: {said}"
    code, said = rehearsal.try_terraform(rehearsal.root, *PLAN)
    assert code == 0, said
    rehearsal.act_as("deployer")
    return "nothing to do, and not without both of its roles"


def smoke_test(rehearsal: Rehearsal) -> str:
    """The deployer does what deploy.yml does after Terraform, with an identity token from GitHub, or with a key."""
    variables, url, model = rehearsal.noted["github"], rehearsal.url, rehearsal.outputs["model_uri"]
    deployer = variables["DEPLOYER"]
    federated = github.federated_token(rehearsal.cloud, github.PUSH, variables["DEPLOYER_PROVIDER"])
    for token in (federated, rehearsal.tokens["deployer"]):
        identity = github.identity_token(rehearsal.cloud, token, deployer, url)
        assert rehearsal.ask("/model", token=identity).status_code == 200
    rehearsal.shell(f"python -m model_training publish {rehearsal.model} --if-none --to {model}", caller=deployer)
    rehearsal.shell(f"python -m model_training smoke {url} --to {model}", caller=deployer, ID_TOKEN=identity)
    return "200, from GitHub and with a key; the golden rows are right"


def check_needed(rehearsal: Rehearsal) -> str:
    """Every grant is one without which a step fails."""
    found = needed(rehearsal.cloud)
    assert {each.account for each in found} == set(ACCOUNTS)
    rehearsal.noted["needed"] = "\n".join(map(str, found))
    assert all(each.step for each in found), rehearsal.noted["needed"]
    return f"{len(found)} grants, in {len(rehearsal.cloud.access.decisions)} decisions"
