locals {
  source_hash = filesha256(var.source_zip)
  source_id   = substr(local.source_hash, 0, 12)
}

# The bucket of source zips; each can be built again from the repository. Zips of 300 kB each are never deleted: a failed
# deployment may be rolled back to any of them, and the same source has the same name, so that Terraform could delete the
# zip that has just been deployed again.
resource "google_storage_bucket" "source" {
  project                     = var.project
  name                        = local.source_bucket
  location                    = local.models.location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  dynamic "encryption" {
    for_each = local.encryption == null ? [] : [local.encryption.buckets]

    content {
      default_kms_key_name = encryption.value
    }
  }

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
    # The name contains the hash: the same zip at another path is not a change.
    ignore_changes = [source]
  }
}
