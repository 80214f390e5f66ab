# Workload identity federation: GitHub's tokens instead of service account keys. There are two identity providers. Any
# workflow of the repository can authenticate as the planner. Only workflows on the deployed branch that were started by
# a push, by hand or by their schedule can authenticate as the deployer.
locals {
  with_github = var.github == null ? 0 : 1
  owner_id    = try(var.github.owner_id, "")
  repo_id     = try(var.github.repository_id, "")
  repository  = "assertion.repository_owner_id == \"${local.owner_id}\" && assertion.repository_id == \"${local.repo_id}\""
  branch      = "refs/heads/${try(var.github.branch, "main")}"

  identity_providers = {
    planner  = local.repository
    deployer = "${local.repository} && assertion.ref == \"${local.branch}\" && assertion.event_name in [\"push\", \"schedule\", \"workflow_dispatch\"]"
  }
}

resource "google_iam_workload_identity_pool" "github" {
  count = local.with_github

  project                   = var.project
  workload_identity_pool_id = "${var.name}-github"
  display_name              = "GitHub Actions"

  depends_on = [google_project_service.needed]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  for_each = var.github == null ? {} : local.identity_providers

  project                            = var.project
  workload_identity_pool_id          = google_iam_workload_identity_pool.github[0].workload_identity_pool_id
  workload_identity_pool_provider_id = each.key
  display_name                       = "GitHub Actions: ${each.key}"
  attribute_condition                = each.value

  # The provider that accepted a token is an attribute, so that a service account can require it. The subject may have 127
  # bytes, too few for GitHub's own, which contains the names of repository and branch or environment: audit logs have the
  # run instead.
  attribute_mapping = {
    "google.subject"          = "assertion.repository_id + \":\" + assertion.run_id"
    "attribute.provider"      = "\"${each.key}-\" + assertion.repository_id"
    "attribute.repository_id" = "assertion.repository_id"
    "attribute.ref"           = "assertion.ref"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}
