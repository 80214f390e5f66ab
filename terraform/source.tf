locals {
  source_hash = filesha256(var.source_zip)
  source_id   = substr(local.source_hash, 0, 12)
}

# What can be built again from the repository. Zips stay, of 300 kB each: a deployment that failed may go back to any of
# them, and one that Terraform deleted could be the one that it has just gone back to, since the same source has the
# same name.
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
  bucket          = google_storage_bucket.source.name
  name            = "source/${local.source_hash}.zip"
  source          = var.source_zip
  deletion_policy = "ABANDON"

  lifecycle {
    # The name has the hash: the same zip at another path is no other zip.
    ignore_changes = [source]
  }
}
