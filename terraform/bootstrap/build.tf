# The service account of Cloud Build: it reads the source, and writes the image and the log. Its roles are on the project
# because Google creates the bucket in which Cloud Functions stores sources.
resource "google_service_account" "build" {
  project      = var.project
  account_id   = "${var.name}-build"
  display_name = "${var.name}: Cloud Build"

  depends_on = [google_project_service.needed]
}

resource "google_project_iam_member" "build" {
  for_each = toset(["roles/artifactregistry.writer", "roles/logging.logWriter", "roles/storage.objectViewer"])

  project = var.project
  role    = each.key
  member  = google_service_account.build.member
}
