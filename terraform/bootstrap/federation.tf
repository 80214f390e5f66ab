# Workload identity federation: GitHub's tokens instead of service account keys. There are two identity providers. Any
# workflow of the repository can authenticate as the planner. Only workflows on the deployed branch that were started by
# a push, by hand or by their schedule can authenticate as the deployer.
locals {
  repository = "assertion.repository_owner_id == \"${var.github.owner_id}\" && assertion.repository_id == \"${var.github.repository_id}\""
  branch     = "refs/heads/${var.github.branch}"

  identity_providers = {
    planner  = local.repository
    deployer = "${local.repository} && assertion.ref == \"${local.branch}\" && assertion.event_name in [\"push\", \"schedule\", \"workflow_dispatch\"]"
  }
}

resource "google_iam_workload_identity_pool" "github" {
  project                   = var.project
  workload_identity_pool_id = "${var.name}-github"
  display_name              = "GitHub Actions"

  depends_on = [google_project_service.needed]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  for_each = local.identity_providers

  project                            = var.project
  workload_identity_pool_id          = google_iam_workload_identity_pool.github.workload_identity_pool_id
  workload_identity_pool_provider_id = each.key
  display_name                       = "GitHub Actions: ${each.key}"
  attribute_condition                = each.value

  # The provider that accepted a token is an attribute, so that a service account can require it.
  attribute_mapping = {
    "google.subject"          = "assertion.sub"
    "attribute.provider"      = "\"${each.key}-\" + assertion.repository_id"
    "attribute.repository_id" = "assertion.repository_id"
    "attribute.ref"           = "assertion.ref"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}
