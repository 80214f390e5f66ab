output "state_bucket" {
  description = "Bucket of the root module's state: terraform init -backend-config=bucket=..."
  value       = google_storage_bucket.state.name
}

output "github_variables" {
  description = "GitHub variables with which the repository's workflows authenticate: terraform output -raw github_variables | gh variable set -f -. null without GitHub."
  value = var.github == null ? null : join("", [for name, value in {
    DEPLOYER          = google_service_account.deployer.email
    DEPLOYER_PROVIDER = google_iam_workload_identity_pool_provider.github["deployer"].name
    PLANNER           = one(google_service_account.planner[*].email)
    PLANNER_PROVIDER  = try(google_iam_workload_identity_pool_provider.github["planner"].name, null)
    SERVICE_NAME      = var.name
  } : "${local.environment == "staging" ? "STAGING_" : ""}${name}=${value}\n" if value != null])
}
