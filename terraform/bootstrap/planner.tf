# The planner plans pull requests: it reads everything and writes nothing (plan with -lock=false).
resource "google_service_account" "planner" {
  project      = var.project
  account_id   = "${var.name}-planner"
  display_name = "${var.name}: plans pull requests"

  depends_on = [google_project_service.needed]
}

# The second role reads IAM policies, which the first does not.
resource "google_project_iam_member" "planner" {
  for_each = toset(["roles/viewer", "roles/iam.securityReviewer"])

  project = var.project
  role    = each.key
  member  = google_service_account.planner.member
}

resource "google_service_account_iam_member" "planner_is_github" {
  service_account_id = google_service_account.planner.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github.name}/attribute.provider/planner-${var.github.repository_id}"
}
