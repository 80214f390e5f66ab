# The deployer applies the root module from the deployed branch. None of its roles can grant roles on the project.
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
      "roles/iam.serviceAccountCreator", # the runtime account
      "roles/iam.serviceAccountDeleter",
      "roles/iam.serviceAccountUser", # a function that runs as the runtime account and is built by the build account
      "roles/logging.configWriter",
      "roles/monitoring.editor",
      "roles/run.admin",     # who may call the function; its own calls
      "roles/storage.admin", # who may read the models; the state
    ],
    contains(var.extras, "load_balancer") ? [
      "roles/compute.loadBalancerAdmin",
      "roles/compute.securityAdmin", # the rate limit of each client
    ] : [],
    contains(var.extras, "vpc") ? ["roles/compute.networkUser"] : [], # the subnetwork
    contains(var.extras, "bigquery") ? [
      "roles/bigquery.connectionAdmin",
      "roles/bigquery.dataOwner", # the dataset, even if somebody else created it
    ] : [],
  )

  project = var.project
  role    = each.key
  member  = google_service_account.deployer.member
}

resource "google_service_account_iam_member" "deployer_is_github" {
  count = local.with_github

  service_account_id = google_service_account.deployer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github[0].name}/attribute.provider/deployer-${local.repo_id}"
}

# The deployer may create identity tokens for itself, to call the function; with a service account key instead of
# GitHub's token, it authenticates as itself.
resource "google_service_account_iam_member" "deployer_identifies_itself" {
  service_account_id = google_service_account.deployer.name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = google_service_account.deployer.member
}

# The runtime account's display name and description may change; no predefined role allows this without allowing to decide
# who may act as an account.
resource "google_project_iam_custom_role" "account_editor" {
  project     = var.project
  role_id     = "${replace(var.name, "-", "_")}_account_editor"
  title       = "${var.name}: edits service accounts"
  description = "Changes names and descriptions of service accounts"
  permissions = ["iam.serviceAccounts.update"]

  depends_on = [google_project_service.needed]
}

resource "google_project_iam_member" "deployer_edits_accounts" {
  project = var.project
  role    = google_project_iam_custom_role.account_editor.name
  member  = google_service_account.deployer.member
}
