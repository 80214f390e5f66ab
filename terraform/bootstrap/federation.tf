# GitHub's tokens in place of keys. Two doors: any workflow of the repository gets to the planner, and only what runs
# on the branch that is deployed, because somebody pushed or asked for it or at a time that is written there, to the
# deployer.
locals {
  repository = "assertion.repository_owner_id == \"${var.github.owner_id}\" && assertion.repository_id == \"${var.github.repository_id}\""
  branch     = "refs/heads/${var.github.branch}"

  doors = {
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
  for_each = local.doors

  project                            = var.project
  workload_identity_pool_id          = google_iam_workload_identity_pool.github.workload_identity_pool_id
  workload_identity_pool_provider_id = each.key
  display_name                       = "GitHub Actions: ${each.key}"
  attribute_condition                = each.value

  # Which door a token came through is an attribute, so that a service account can ask for it.
  attribute_mapping = {
    "google.subject"          = "assertion.sub"
    "attribute.door"          = "\"${each.key}-\" + assertion.repository_id"
    "attribute.repository_id" = "assertion.repository_id"
    "attribute.ref"           = "assertion.ref"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}
