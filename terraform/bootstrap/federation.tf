# Workload identity federation: GitHub's tokens instead of service account keys. There are two identity providers. Any
# workflow of the repository can authenticate as the planner. Only workflows on the deployed branch that were started by
# a push, by hand or by their schedule can authenticate as the deployer; with an environment, only their jobs in it, or
# in the one of its rollback, which has no reviewers to wait for.
locals {
  with_github  = var.github == null ? 0 : 1
  with_planner = local.environment == "staging" ? 0 : local.with_github # pull requests are planned for production

  owner_id    = try(var.github.owner_id, "")
  repo_id     = try(var.github.repository_id, "")
  branch      = "refs/heads/${try(var.github.branch, "main")}"
  environment = try(var.github.environment, null)

  of_repository  = "assertion.repository_owner_id == \"${local.owner_id}\" && assertion.repository_id == \"${local.repo_id}\""
  of_branch      = "assertion.ref == \"${local.branch}\" && assertion.event_name in [\"push\", \"schedule\", \"workflow_dispatch\"]"
  in_environment = local.environment == null ? [] : ["assertion.environment in [\"${local.environment}\", \"${local.environment}-rollback\"]"]

  identity_providers = merge(
    local.with_planner == 0 ? {} : { planner = local.of_repository },
    local.with_github == 0 ? {} : {
      deployer = join(" && ", concat([local.of_repository, local.of_branch], local.in_environment))
    },
  )
}

resource "google_iam_workload_identity_pool" "github" {
  count = local.with_github

  project                   = var.project
  workload_identity_pool_id = "${var.name}-github"
  display_name              = "GitHub Actions"

  depends_on = [google_project_service.needed]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  for_each = local.identity_providers

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
