output "state_bucket" {
  description = "Bucket of the root module's state: terraform init -backend-config=bucket=..."
  value       = google_storage_bucket.state.name
}

output "github_variables" {
  description = "GitHub variables with which the repository's workflows authenticate: terraform output -raw github_variables | gh variable set -f -. null without GitHub."
  value = var.github == null ? null : join("", [for name, value in {
    DEPLOYER          = google_service_account.deployer.email
    DEPLOYER_PROVIDER = google_iam_workload_identity_pool_provider.github["deployer"].name
    PLANNER           = google_service_account.planner[0].email
    PLANNER_PROVIDER  = google_iam_workload_identity_pool_provider.github["planner"].name
    SERVICE_NAME      = var.name
  } : "${name}=${value}\n"])
}
