# The bucket of models. Uploading to model_object publishes a model; earlier versions stay for a rollback.
resource "google_storage_bucket" "models" {
  project                     = var.project
  name                        = local.model_bucket
  location                    = local.models.location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # Destroy does not delete the bucket and its models, unless force_destroy is set.
  force_destroy   = local.models.force_destroy
  deletion_policy = local.models.force_destroy ? "DELETE" : "ABANDON"

  versioning {
    enabled = true
  }

  dynamic "encryption" {
    for_each = local.encryption == null ? [] : [local.encryption.buckets]

    content {
      default_kms_key_name = encryption.value
    }
  }

  soft_delete_policy {
    retention_duration_seconds = local.models.soft_delete_days * 86400
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      num_newer_versions = local.models.keep_versions
      with_state         = "ARCHIVED"
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }
}

# The only role of the function.
resource "google_storage_bucket_iam_member" "runtime_reads_models" {
  bucket = google_storage_bucket.models.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.runtime.member
}
