# Applies the root module from the branch that is deployed. Nothing here can grant a role on the project.
resource "google_service_account" "deployer" {
  project      = var.project
  account_id   = "${var.name}-deployer"
  display_name = "${var.name}: applies Terraform"

  depends_on = [google_project_service.needed]
}

resource "google_project_iam_member" "deployer" {
  for_each = setunion(
    [
      "roles/artifactregistry.admin",
      "roles/cloudfunctions.developer",
      "roles/iam.serviceAccountCreator", # the runtime account,
      "roles/iam.serviceAccountDeleter",
      "roles/iam.serviceAccountUser", # and a function that runs as it, built by the build account
      "roles/logging.configWriter",
      "roles/monitoring.editor",
      "roles/run.admin",     # who may call the function
      "roles/storage.admin", # who may read the models; the state
    ],
    contains(var.extras, "load_balancer") ? [
      "roles/compute.loadBalancerAdmin",
      "roles/compute.securityAdmin", # the limit for each client
    ] : [],
    contains(var.extras, "bigquery") ? [
      "roles/bigquery.connectionAdmin",
      "roles/bigquery.dataOwner", # the dataset, also where a person has made it
    ] : [],
  )

  project = var.project
  role    = each.key
  member  = google_service_account.deployer.member
}

resource "google_service_account_iam_member" "deployer_is_github" {
  service_account_id = google_service_account.deployer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github.name}/attribute.door/deployer-${var.github.repository_id}"
}

# Asks for identity tokens in its own name, to call the function: with a key in place of GitHub's token, it is itself
# who asks.
resource "google_service_account_iam_member" "deployer_identifies_itself" {
  service_account_id = google_service_account.deployer.name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = google_service_account.deployer.member
}
