# The planner plans pull requests on GitHub: it reads everything and writes nothing (plan with -lock=false).
resource "google_service_account" "planner" {
  count = local.with_planner

  project      = var.project
  account_id   = "${var.name}-planner"
  display_name = "${var.name}: plans pull requests"

  depends_on = [google_project_service.needed]
}

# The first role reads the state too, because Google lets whoever has it read the objects of a new bucket. The second reads
# IAM policies.
resource "google_project_iam_member" "planner" {
  for_each = local.with_planner == 0 ? [] : toset(["roles/viewer", "roles/iam.securityReviewer"])

  project = var.project
  role    = each.key
  member  = google_service_account.planner[0].member
}

resource "google_service_account_iam_member" "planner_is_github" {
  count = local.with_planner

  service_account_id = google_service_account.planner[0].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github[0].name}/attribute.provider/planner-${local.repo_id}"
}
