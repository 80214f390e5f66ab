"""What Terraform would change: other regions touch nothing of one that stays, and each alert has its way out."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.terraform_command import copy_of_both, initialized, planned

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text("utf-8")
ALERTS = RUNBOOK.split("\n## Alerts\n")[1].split("\n## ")[0]
READ_AT = "https://github.com/me/fork/blob/HEAD/docs/runbook.md"
HEAD = f"""\
mock_provider "google" {{
  source = "./tests/mocks"
}}
variables {{
  project               = "example-project"
  source_zip            = "versions.tf"
  runbook               = "{READ_AT}"
  alerts                = {{ emails = ["oncall@example.com"] }}
  allow_unauthenticated = true
  load_balancer         = {{ domain = "delays.example.com", closed = false }}
  bigquery              = {{ region = "europe-west1" }}
}}
"""
RUN = """\
run "{name}" {{
  command = {command}
  variables {{
    regions = {{ {regions} }}
  }}
}}
"""
# asia-east1 comes last, and is the first of them by name.
STEPS = [
    ("none", "europe-west1"),
    ("one_to_two", "europe-west1", "us-central1"),
    ("two_to_three", "europe-west1", "us-central1", "asia-east1"),
    ("three_to_one", "europe-west1"),
    ("one_to_two_again", "europe-west1", "asia-east1"),
]
Changes = list[dict[str, Any]]


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Changes]:
    """What each step would change where the steps before it are applied."""
    module = initialized(copy_of_both(tmp_path_factory.mktemp("modules")))
    (module / "steps").mkdir()
    steps = "".join(_step(*step) for step in STEPS)
    (module / "steps" / "steps.tftest.hcl").write_text(HEAD + steps)
    return planned(module, "steps")


def _step(name: str, *regions: str) -> str:
    """Plan, then apply."""
    named = ", ".join(f"{region} = {{}}" for region in regions)
    return RUN.format(name=name, command="plan", regions=named) + RUN.format(
        name=f"{name}_applied", command="apply", regions=named
    )


def changed(changes: Changes) -> Iterator[tuple[str, str]]:
    """Yield what is done to which address."""
    for each in changes:
        if each["change"]["actions"] not in (["no-op"], ["read"]):
            yield "+".join(each["change"]["actions"]), each["address"]


@pytest.mark.parametrize(
    ("step", "action", "regions"),
    [
        ("one_to_two", "create", ["us-central1"]),
        ("two_to_three", "create", ["asia-east1"]),
        ("three_to_one", "delete", ["us-central1", "asia-east1"]),
        ("one_to_two_again", "create", ["asia-east1"]),
    ],
)
def test_a_region_comes_and_goes_alone(plans: dict[str, Changes], step: str, action: str, regions: list[str]) -> None:
    """Of what is not its own, the load balancer learns of it and the dashboard shows it."""
    own = {address for done, address in changed(plans[step]) if done == action}
    assert {re.findall(r'\["([a-z]+-[a-z]+\d)', address)[0] for address in own} == set(regions)
    assert len(own) >= 10 * len(regions)
    assert [each for each in changed(plans[step]) if each[0] != action] == [
        ("update", "google_compute_backend_service.function[0]"),
        ("update", "google_monitoring_dashboard.service"),
    ]


def alerts(changes: Changes) -> dict[str, str]:
    """Return what the plan's alerts say to whoever gets one, by name."""
    policies = [each["change"]["after"] for each in changes if each["type"] == "google_monitoring_alert_policy"]
    return {policy["display_name"]: policy["documentation"][0]["content"] for policy in policies}


def anchors(level: str, text: str) -> list[str]:
    """Return the anchors that GitHub makes of the headings of a level."""
    titles = re.findall(rf"^{level} (.+)$", text, re.MULTILINE)
    return [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]


def test_every_alert_has_a_section_and_every_section_an_alert(plans: dict[str, Changes]) -> None:
    """Of the runbook, which the alert links to, where it is read."""
    said = alerts(plans["two_to_three"])
    links = {name: re.findall(rf"\({re.escape(READ_AT)}#([\w-]+)\)", content) for name, content in said.items()}
    assert len(links) == 3 * (2 * 3 + 1) + 1 + 2, "each region's, the domain's and the model's"
    assert all(len(found) == 1 for found in links.values()), links
    assert {found for [found] in links.values()} == set(anchors("###", ALERTS))


def test_a_section_says_what_it_means_what_to_look_at_and_what_to_do() -> None:
    """In this order."""
    for section in ALERTS.split("\n### ")[1:]:
        said = re.findall(r"^\*\*(.+?)\.\*\*", section, re.MULTILINE)
        assert said == ["What it means", "What to look at", "What to do"], section.partition("\n")[0]


def test_links_within_the_runbook_lead_somewhere() -> None:
    """To a heading of its own."""
    assert set(re.findall(r"\(#([\w-]+)\)", RUNBOOK)) <= {*anchors("##", RUNBOOK), *anchors("###", RUNBOOK)}
