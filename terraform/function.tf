resource "google_cloudfunctions2_function" "predict" {
  for_each = var.regions

  project     = var.project
  name        = var.name
  location    = each.key
  description = "Predicts with the model at ${local.model_uri}"

  # Terraform does not ask Google which source runs; a label it does. Without this one, a source that crashed at its
  # start would count as deployed from then on.
  labels = { source = local.source_id }

  build_config {
    runtime           = var.runtime
    entry_point       = "predict"
    docker_repository = google_artifact_registry_repository.images[each.key].id
    service_account   = "projects/${var.project}/serviceAccounts/${local.build_account}"

    source {
      storage_source {
        bucket     = google_storage_bucket.source.name
        object     = google_storage_bucket_object.source.name
        generation = google_storage_bucket_object.source.generation
      }
    }

    automatic_update_policy {}
  }

  service_config {
    available_cpu                    = tostring(var.scaling.cpu)
    available_memory                 = var.scaling.memory
    max_instance_request_concurrency = var.scaling.concurrency
    min_instance_count               = coalesce(each.value.min_instances, var.scaling.min_instances)
    max_instance_count               = coalesce(each.value.max_instances, var.scaling.max_instances)
    timeout_seconds                  = 60
    ingress_settings                 = local.closed ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_ALL" # of the network; who: invokers.tf
    all_traffic_on_latest_revision   = true
    service_account_email            = google_service_account.runtime.email

    environment_variables = merge(var.environment, {
      LOG_EXECUTION_ID = "true" # Google sets it; unsaid, every plan would take it away again
      MODEL_URI        = local.model_uri
      PRELOAD          = tostring(var.preload)
      TRACE_PROJECT    = var.project
    })
  }

  # A new instance may look for the model at once.
  depends_on = [google_storage_bucket_iam_member.runtime_reads_models]
}
