output "state_bucket" {
  description = "For the root module: terraform init -backend-config=bucket=..."
  value       = google_storage_bucket.state.name
}

output "planner" {
  description = "For the workflow that plans: its door, and the service account behind it."
  value = {
    workload_identity_provider = google_iam_workload_identity_pool_provider.github["planner"].name
    service_account            = google_service_account.planner.email
  }
}

output "deployer" {
  description = "For the workflow that deploys: its door, and the service account behind it."
  value = {
    workload_identity_provider = google_iam_workload_identity_pool_provider.github["deployer"].name
    service_account            = google_service_account.deployer.email
  }
}
