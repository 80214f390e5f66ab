"""The comment with the plan, as the workflow writes it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.function_process import ROOT
from tests.support.programs import need

MARK = "<!-- terraform plan -->"
PLAN = "Terraform will perform the following actions:\n\nPlan: 1 to add, 0 to change, 0 to destroy.\n"
# GitHub, as far as the comment needs it: what is there, and what is asked of it.
SCRIPT = """
const [comments, path] = process.argv.slice(1);
const asked = [];
const note = (what) => async (given) => void asked.push([what, given]);
const issues = {
  listComments: async () => JSON.parse(comments), createComment: note("create"), updateComment: note("update"),
};
const github = { paginate: async (list, given) => list(given), rest: { issues } };
require("./.github/plan_comment.cjs")(github, { owner: "me", repo: "mine" }, 7, path)
  .then(() => console.log(JSON.stringify(asked)));
"""


def asked(path: Path, plan: str, *comments: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Write a plan's comment; return the one thing that was asked of GitHub."""
    need("node")
    path.write_text(plan, "utf-8")
    command = ["node", "-e", SCRIPT, json.dumps(comments), str(path)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60).stdout
    ((what, given),) = json.loads(printed)
    return what, given


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the plan is."""
    return tmp_path / "plan.txt"


def test_the_first_plan_is_a_new_comment(path: Path) -> None:
    """With what the plan comes to in its first line; comments of others are left alone."""
    person = {"id": 1, "user": {"type": "User"}, "body": f"{MARK} quoted"}
    bot = {"id": 2, "user": {"type": "Bot"}, "body": "Bumps something"}
    what, given = asked(path, PLAN, person, bot, {"id": 3, "user": None, "body": None})
    assert (what, given["owner"], given["repo"], given["issue_number"]) == ("create", "me", "mine", 7)
    assert given["body"].startswith(f"{MARK}\n**Terraform** Plan: 1 to add, 0 to change, 0 to destroy.\n")
    assert f"\n```\n{PLAN}\n```\n" in given["body"]


def test_later_plans_replace_it(path: Path) -> None:
    """So that there is one, and the newest."""
    what, given = asked(
        path, "No changes. Your infrastructure matches.\n", {"id": 9, "user": {"type": "Bot"}, "body": MARK}
    )
    assert (what, given["comment_id"]) == ("update", 9)
    assert "**Terraform** No changes." in given["body"]


def test_a_plan_can_not_leave_its_fence(path: Path) -> None:
    """Whatever it says, it is shown as text."""
    _, given = asked(path, 'description = "````"\n# a heading\n')
    assert given["body"].count("`````") == 2


def test_a_long_plan_is_cut(path: Path) -> None:
    """To the length that GitHub accepts."""
    _, given = asked(path, "x" * 100_000)
    assert 60_000 < len(given["body"]) < 65_536
    assert "... The rest is in the artifact of the workflow run." in given["body"]
