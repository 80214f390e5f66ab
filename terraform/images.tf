# The repository of the images that Cloud Build builds from the zip. The newest five and those of the last 30 days stay.
resource "google_artifact_registry_repository" "images" {
  for_each = local.regions

  project  = var.project
  location = each.key
  # A repository keeps its key, so another key is another repository. It needs another name, because Terraform creates it
  # before it destroys this one, as it does with all that a network endpoint group depends on.
  repository_id          = join("-", compact([var.name, try(substr(sha256(local.encryption.regions[each.key]), 0, 8), "")]))
  description            = "Images of the function ${var.name}"
  format                 = "DOCKER"
  cleanup_policy_dry_run = false
  kms_key_name           = try(local.encryption.regions[each.key], null)

  cleanup_policies {
    id     = "keep-newest"
    action = "KEEP"
    most_recent_versions {
      keep_count = 5
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      tag_state  = "ANY"
      older_than = "2592000s"
    }
  }
}
