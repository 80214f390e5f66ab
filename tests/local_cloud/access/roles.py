"""Roles as permissions, from the table in roles.toml."""

import tomllib
from pathlib import Path

_TABLE = tomllib.loads(Path(__file__).with_name("roles.toml").read_text("utf-8"))

ROLES: dict[str, frozenset[str]] = {
    role: frozenset(f"{resource}.{verb}" for resource, verbs in rows.items() for verb in verbs.split())
    for role, rows in _TABLE.items()
}
BASIC = {"projectOwner": "roles/owner", "projectEditor": "roles/editor", "projectViewer": "roles/viewer"}
"""What the policy of a bucket may call those who hold a basic role on its project."""
