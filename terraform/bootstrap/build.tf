# What Cloud Build runs as: it reads the source, writes the image and the log. Given at project level because the
# bucket of sources that Cloud Functions keeps is made by Google.
resource "google_service_account" "build" {
  project      = var.project
  account_id   = "${var.name}-build"
  display_name = "${var.name}: what Cloud Build runs as"

  depends_on = [google_project_service.needed]
}

resource "google_project_iam_member" "build" {
  for_each = toset(["roles/artifactregistry.writer", "roles/logging.logWriter", "roles/storage.objectViewer"])

  project = var.project
  role    = each.key
  member  = google_service_account.build.member
}
