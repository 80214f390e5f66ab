resource "google_cloudfunctions2_function" "predict" {
  for_each = local.regions

  project     = var.project
  name        = var.name
  location    = each.key
  description = "Predicts with the model at ${local.model_uri}"

  kms_key_name = try(local.encryption.regions[each.key], null)

  # Terraform does not read from Google which source is deployed, but it does read labels. Without this label, a source
  # that crashed on startup would count as deployed from then on.
  labels = { source = local.source_id }

  build_config {
    runtime           = var.runtime
    entry_point       = "predict"
    docker_repository = google_artifact_registry_repository.images[each.key].id
    service_account   = "projects/${var.project}/serviceAccounts/${local.build_account}"

    # The build compiles the function's own code, then the image gets a fixed date for every file. Bytecode that is tied
    # to the dates of its source would be compiled again by each new instance; with this variable it has hashes instead.
    environment_variables = { SOURCE_DATE_EPOCH = "315532800" } # 1980, the earliest that zips can hold

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
    available_cpu                    = tostring(local.scaling.cpu)
    available_memory                 = local.scaling.memory
    max_instance_request_concurrency = local.scaling.concurrency
    min_instance_count               = coalesce(each.value.min_instances, local.scaling.min_instances)
    max_instance_count               = coalesce(each.value.max_instances, local.scaling.max_instances)
    timeout_seconds                  = 60
    ingress_settings                 = local.closed ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_ALL" # network access; for identities see invokers.tf
    all_traffic_on_latest_revision   = true
    service_account_email            = google_service_account.runtime.email

    # A worker is a process, which uses one CPU: without WORKERS there would be one, however many CPUs are paid for.
    environment_variables = merge(local.scaling.cpu >= 2 ? { WORKERS = tostring(local.scaling.cpu) } : {}, var.own_environment, var.environment, {
      LOG_EXECUTION_ID = "true" # Google sets it: if it were not here, every plan would remove it
      MODEL_URI        = local.model_uri
      PRELOAD          = tostring(var.preload)
      TRACE_PROJECT    = var.project
    })

    dynamic "secret_environment_variables" {
      for_each = var.secrets

      content {
        key        = secret_environment_variables.key
        project_id = var.project
        secret     = split(":", secret_environment_variables.value)[0]
        version    = try(split(":", secret_environment_variables.value)[1], "latest")
      }
    }

    direct_vpc_egress = try({ all = "VPC_EGRESS_ALL_TRAFFIC", private = "VPC_EGRESS_PRIVATE_RANGES_ONLY" }[local.vpc.egress], null)

    dynamic "direct_vpc_network_interface" {
      for_each = local.vpc == null ? [] : [local.vpc]

      content {
        network    = direct_vpc_network_interface.value.network
        subnetwork = direct_vpc_network_interface.value.subnetwork
        tags       = direct_vpc_network_interface.value.tags
      }
    }
  }

  # A new instance reads the model immediately.
  depends_on = [google_storage_bucket_iam_member.runtime_reads_models]
}
