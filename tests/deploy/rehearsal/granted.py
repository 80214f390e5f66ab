"""Who has been granted what, read out of the cloud's IAM policies."""

from collections.abc import Mapping
from typing import Any

Policies = Mapping[str, Mapping[str, Any]]

EVERYBODY = {"allUsers", "allAuthenticatedUsers"}
PROJECT = "//cloudresourcemanager.googleapis.com/projects/rehearsal"
GRANTING = {
    "roles/owner",
    "roles/iam.securityAdmin",
    "roles/resourcemanager.folderAdmin",
    "roles/resourcemanager.folderIamAdmin",
    "roles/resourcemanager.organizationAdmin",
    "roles/resourcemanager.projectIamAdmin",
    "roles/resourcemanager.projectOwnerInvitee",
}
"""Google's roles with resourcemanager.projects.setIamPolicy, of those for people and their programs
(https://cloud.google.com/iam/docs/permissions-reference)."""
BECOMING = {
    "roles/editor",
    "roles/iam.serviceAccountAdmin",
    "roles/iam.serviceAccountKeyAdmin",
    "roles/iam.serviceAccountTokenCreator",
    "roles/iam.workloadIdentityUser",
    "roles/iam.workloadIdentityPoolAdmin",
}
"""Roles by which one becomes another account of the project, and so gets its roles."""


def grants(policies: Policies, member: str) -> set[tuple[str, str]]:
    """Return all that a member has been granted, as (resource, role)."""
    return {
        (resource, binding["role"])
        for resource, policy in policies.items()
        for binding in policy.get("bindings", [])
        if member in binding["members"]
    }


def public(policies: Policies) -> list[tuple[str, str, str]]:
    """Return what everybody on the internet has been granted, as (resource, role, member)."""
    return [(*grant, member) for member in sorted(EVERYBODY) for grant in sorted(grants(policies, member))]
