# What can be built again from the repository; a zip goes when the next one is deployed.
resource "google_storage_bucket" "source" {
  project                     = var.project
  name                        = local.source_bucket
  location                    = var.model_bucket.location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  soft_delete_policy {
    retention_duration_seconds = 0
  }
}

resource "google_storage_bucket_object" "source" {
  bucket = google_storage_bucket.source.name
  name   = "source/${filesha256(var.source_zip)}.zip"
  source = var.source_zip

  lifecycle {
    create_before_destroy = true
    # The name has the hash. Without this, the same zip at another path would be uploaded and then deleted.
    ignore_changes = [source]
  }
}
