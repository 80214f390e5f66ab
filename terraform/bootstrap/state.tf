# The state of the root module. Destroy does not delete the bucket.
resource "google_storage_bucket" "state" {
  project                     = var.project
  name                        = "${var.project}-${var.name}-state"
  location                    = var.state_location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  deletion_policy             = "ABANDON"

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      num_newer_versions = 30
      with_state         = "ARCHIVED"
    }
  }

  depends_on = [google_project_service.needed]
}
