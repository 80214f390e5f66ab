mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  project      = "example-project"
  source_zip   = "versions.tf" # any file will do
  alerts       = { emails = ["oncall@example.com"] }
  model_object = "models/flight-delay" # whatever taxiway.toml says
}

run "one_function_by_default" {
  command = plan

  assert {
    condition     = keys(google_cloudfunctions2_function.predict) == ["europe-west1"] && keys(google_artifact_registry_repository.images) == ["europe-west1"]
    error_message = "There must be one region by default."
  }

  assert {
    condition     = google_cloudfunctions2_function.predict["europe-west1"].build_config[0].source[0].storage_source[0].object == "source/${filesha256("versions.tf")}.zip"
    error_message = "The object's name must contain the hash of the zip."
  }

  assert {
    condition     = google_cloudfunctions2_function.predict["europe-west1"].labels == tomap({ source = substr(filesha256("versions.tf"), 0, 12) })
    error_message = "A label must identify the deployed source."
  }

  assert {
    condition     = google_storage_bucket_object.source.deletion_policy == "ABANDON"
    error_message = "Earlier sources must not be deleted, so that they can be deployed again."
  }

  assert {
    condition = (
      google_cloudfunctions2_function.predict["europe-west1"].build_config[0].source[0].storage_source[0].generation == 1795381672494954
      && google_cloudfunctions2_function.predict["europe-west1"].build_config[0].service_account == "projects/example-project/serviceAccounts/taxiway-build@example-project.iam.gserviceaccount.com"
      && google_cloudfunctions2_function.predict["europe-west1"].build_config[0].entry_point == "predict"
    )
    error_message = "The build must use the object's generation, the full name of the build account, and the entry point."
  }

  assert {
    condition     = google_cloudfunctions2_function.predict["europe-west1"].build_config[0].environment_variables == tomap({ SOURCE_DATE_EPOCH = "315532800" })
    error_message = "The bytecode must not depend on the dates of the files, which the image changes."
  }

  assert {
    condition = google_cloudfunctions2_function.predict["europe-west1"].service_config[0].environment_variables == tomap({
      LOG_EXECUTION_ID = "true"
      MODEL_URI        = "gs://example-project-taxiway-models/models/flight-delay"
      PRELOAD          = "false"
      TRACE_PROJECT    = "example-project"
    })
    error_message = "Terraform must set these environment variables."
  }

  assert {
    condition     = google_cloudfunctions2_function.predict["europe-west1"].service_config[0].service_account_email == "taxiway-runtime@example-project.iam.gserviceaccount.com"
    error_message = "The function must run as its own service account."
  }
}

run "regions_and_settings" {
  command = plan
  variables {
    regions     = { europe-west1 = { min_instances = 0 }, us-central1 = { max_instances = 3 } }
    scaling     = { cpu = 2, memory = "8Gi", concurrency = 80, min_instances = 1 }
    environment = { MODEL_REFRESH_SECONDS = "60" }
    preload     = true

    own_environment = { GREETING = "hello" }

    allow_unauthenticated = true
    load_balancer         = { domain = "delays.example.com", closed = false }
  }

  assert {
    condition = { for region, function in google_cloudfunctions2_function.predict : region => join("-", [
      function.service_config[0].min_instance_count, function.service_config[0].max_instance_count]) } == {
      europe-west1 = "0-10", us-central1 = "1-3"
    }
    error_message = "The values of scaling must apply where a region has none."
  }

  assert {
    condition = alltrue([for function in google_cloudfunctions2_function.predict :
      function.service_config[0].available_cpu == "2" && function.service_config[0].available_memory == "8Gi"
      && function.service_config[0].max_instance_request_concurrency == 80
      && function.service_config[0].environment_variables["MODEL_REFRESH_SECONDS"] == "60"
      && function.service_config[0].environment_variables["GREETING"] == "hello"
      && function.service_config[0].environment_variables["WORKERS"] == "2"
    && function.service_config[0].environment_variables["PRELOAD"] == "true"])
    error_message = "Each region must have the same size and settings."
  }

  assert {
    condition = alltrue([for resource in [
      google_artifact_registry_repository.images, google_monitoring_service.function, google_monitoring_slo.availability,
      google_monitoring_slo.latency, google_cloud_run_v2_service_iam_member.uptime,
    google_compute_region_network_endpoint_group.function] : keys(resource) == ["europe-west1", "us-central1"]])
    error_message = "Each region must have its own resources."
  }

  assert {
    condition     = length(google_monitoring_alert_policy.burn_rate) == 12
    error_message = "There must be an alert per region, objective and burn rate."
  }
}

run "workers_may_be_fewer_than_cpus" {
  command = plan
  variables {
    scaling     = { cpu = 2, memory = "4Gi" }
    environment = { WORKERS = "1" }
  }

  assert {
    condition     = google_cloudfunctions2_function.predict["europe-west1"].service_config[0].environment_variables["WORKERS"] == "1"
    error_message = "The environment must win over the number of CPUs."
  }
}

run "models_are_not_deleted" {
  command = plan

  assert {
    condition = (
      google_storage_bucket.models.uniform_bucket_level_access && google_storage_bucket.models.public_access_prevention == "enforced"
      && google_storage_bucket.models.versioning[0].enabled && google_storage_bucket.models.soft_delete_policy[0].retention_duration_seconds == 604800
      && one(google_storage_bucket.models.lifecycle_rule[0].condition).num_newer_versions == 20
    )
    error_message = "The model bucket must be private and keep earlier versions."
  }

  assert {
    condition     = google_storage_bucket.models.force_destroy == false && google_storage_bucket.models.deletion_policy == "ABANDON"
    error_message = "Destroy must not delete the models."
  }
}

run "models_are_deleted_with_force_destroy" {
  command = plan
  variables {
    model_bucket = { force_destroy = true, keep_versions = 3, location = "us-central1" }
  }

  assert {
    condition = (
      google_storage_bucket.models.force_destroy && google_storage_bucket.models.deletion_policy == "DELETE"
      && google_storage_bucket.models.location == "us-central1" && one(google_storage_bucket.models.lifecycle_rule[0].condition).num_newer_versions == 3
    )
    error_message = "Destroy must delete the models with force_destroy = true."
  }
}

run "objectives" {
  command = plan
  variables {
    latency_goal         = 0.99
    latency_threshold_ms = 300
    availability_goal    = 0.9999
  }

  assert {
    condition = (
      google_monitoring_slo.latency["europe-west1"].goal == 0.99
      && google_monitoring_slo.latency["europe-west1"].request_based_sli[0].distribution_cut[0].range[0].max == 300
      && google_monitoring_slo.availability["europe-west1"].goal == 0.9999
      && google_monitoring_slo.latency["europe-west1"].display_name == "99 % of requests in 300 ms"
    )
    error_message = "The objectives must use the variables."
  }
}

run "objectives_count_honestly" {
  command = plan

  assert {
    condition = [
      for code in ["200", "204", "301", "400", "404", "429", "500", "503", "504"] : code
      if can(regex("^(${regex("full_match\\(\"(.*)\"\\)", google_monitoring_slo.availability["europe-west1"].request_based_sli[0].good_total_ratio[0].bad_service_filter)[0]})$", code))
    ] == ["429", "500", "503", "504"]
    error_message = "Requests for which Cloud Run has no instance must count as failures, like 5xx."
  }

  assert {
    condition     = strcontains(google_monitoring_slo.availability["europe-west1"].request_based_sli[0].good_total_ratio[0].total_service_filter, "AND metric.labels.response_code!=\"204\" AND")
    error_message = "Probes must not count as good."
  }

  assert {
    condition = [
      for code in ["200", "201", "203", "204", "205", "210", "301", "400", "404", "429", "500", "503", "504"] : code
      if can(regex("^(${regex("full_match\\(\"(.*)\"\\)", google_monitoring_slo.latency["europe-west1"].request_based_sli[0].distribution_cut[0].distribution_filter)[0]})$", code))
    ] == ["200", "201", "203", "205", "210", "500", "503", "504"]
    error_message = "Slow failures must count as slow, and neither probes nor client errors at all."
  }

  assert {
    condition = alltrue([for objective, filter in { availability = local.failures, latency = local.timed } :
      strcontains(google_monitoring_alert_policy.burn_rate["europe-west1 ${objective} fast"].conditions[2].condition_threshold[0].filter, filter)
    ])
    error_message = "The evidence of an alert must be the requests that its objective counts."
  }
}

run "alerts_have_a_notification_channel" {
  command = plan
  variables {
    alerts = { emails = ["oncall@example.com"], min_requests = 10 }
  }

  assert {
    condition = alltrue([for policy in concat(
      values(google_monitoring_alert_policy.burn_rate), values(google_monitoring_alert_policy.model_event), values(google_monitoring_alert_policy.uptime)
    ) : length(policy.notification_channels) == 1])
    error_message = "Every alert must have the notification channel."
  }

  assert {
    condition = alltrue([for policy in values(google_monitoring_alert_policy.burn_rate) :
    policy.combiner == "AND" && length(policy.conditions) == 3])
    error_message = "A burn rate alert must have two windows and a minimum of failures or requests."
  }

  assert {
    condition     = google_monitoring_alert_policy.burn_rate["europe-west1 availability fast"].conditions[2].display_name == "at least 3 failures"
    error_message = "A single failure must not alert."
  }

  assert {
    condition     = [for condition in google_monitoring_alert_policy.burn_rate["europe-west1 latency fast"].conditions : condition.display_name] == ["burn rate over 60 minutes", "burn rate over 5 minutes", "at least 10 requests"]
    error_message = "The windows of the fast burn rate must be one hour and five minutes."
  }

  assert {
    condition = alltrue([for event in ["model_refused", "model_missing"] :
      endswith(google_logging_metric.model_event[event].filter, "jsonPayload.event=\"${event}\"")
    && google_monitoring_alert_policy.model_event[event].conditions[0].condition_matched_log[0].filter == google_logging_metric.model_event[event].filter])
    error_message = "Metrics and alerts must use the same events."
  }
}

run "the_uptime_check_works_when_private" {
  command = plan

  assert {
    condition = (
      google_monitoring_uptime_check_config.health["europe-west1"].http_check[0].service_agent_authentication[0].type == "OIDC_TOKEN"
      && google_monitoring_uptime_check_config.health["europe-west1"].http_check[0].path == "/health?probe"
      && google_monitoring_uptime_check_config.health["europe-west1"].monitored_resource[0].labels["host"] == "taxiway-abc123-ew.a.run.app"
      && google_cloud_run_v2_service_iam_member.uptime["europe-west1"].member == "serviceAccount:service-123456789012@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
    )
    error_message = "The monitoring agent must send its token and be an invoker."
  }
}

run "the_dashboard_is_complete" {
  command = plan

  assert {
    condition = [for tile in jsondecode(google_monitoring_dashboard.service.dashboard_json).mosaicLayout.tiles : tile.widget.title] == [
      "Requests per second, by status class", "Latency (ms) by region: 50th, 95th, 99th percentile",
      "Remaining error budget", "Error budget burn rate over one hour",
      "Model versions loaded by instances", "Refused uploads, instances without a model",
      "Instances", "Startup latency of an instance (ms), 95th percentile",
      "Memory utilization, 99th percentile", "Log of model events",
    ]
    error_message = "There must be two tiles per row, requests and latency first."
  }

  assert {
    condition = [for tile in jsondecode(google_monitoring_dashboard.service.dashboard_json).mosaicLayout.tiles : "${lookup(tile, "xPos", 0)} ${lookup(tile, "yPos", 0)}"] == [
      "0 0", "6 0", "0 4", "6 4", "0 8", "6 8", "0 12", "6 12", "0 16", "6 16",
    ]
    error_message = "Tiles must not overlap."
  }

  assert {
    condition = alltrue([for tile in jsondecode(google_monitoring_dashboard.service.dashboard_json).mosaicLayout.tiles :
      length(setsubtract(keys(tile.widget), ["title"])) == 1 && alltrue([for set in try(tile.widget.xyChart.dataSets, []) : set.timeSeriesQuery.timeSeriesFilter.filter != ""])
    ])
    error_message = "Each tile must be a chart with filters, or a log panel."
  }

  assert {
    condition     = google_logging_metric.model_live.label_extractors == tomap({ version = "EXTRACT(jsonPayload.version)" }) && endswith(google_logging_metric.model_live.filter, "jsonPayload.event=\"model_live\"")
    error_message = "The metric of the live model must have the label version."
  }

  assert {
    condition     = !can(regex("Pos\":0", google_monitoring_dashboard.service.dashboard_json))
    error_message = "Zeroes must be omitted: Google omits them, so that every plan would show a difference."
  }
}

run "outputs_of_a_private_function" {
  command = plan

  assert {
    condition     = output.predict == "curl https://taxiway-abc123-ew.a.run.app/predict -H \"Authorization: Bearer $(gcloud auth print-identity-token)\" -H 'Content-Type: application/json' -d @build/model.request.json"
    error_message = "The command for a private function must send an identity token."
  }

  assert {
    condition = (
      output.publish == ".venv/bin/taxiway publish build/model.zip --to gs://example-project-taxiway-models/models/flight-delay"
      && output.url == "https://taxiway-abc123-ew.a.run.app" && output.audience == output.url && output.address == null && output.sql == null
      && output.model_bucket == "example-project-taxiway-models" && output.urls == { europe-west1 = "https://taxiway-abc123-ew.a.run.app" }
    )
    error_message = "The outputs must be the addresses of the function and the model."
  }
}

run "outputs_of_a_public_function" {
  command = plan
  variables {
    allow_unauthenticated = true
  }

  assert {
    condition     = startswith(output.predict, "curl https://taxiway-abc123-ew.a.run.app/predict -H 'Content-Type")
    error_message = "The command for a public function must not send a token."
  }
}

run "nobody_to_alert_is_a_warning" {
  command = plan
  variables {
    alerts = {}
  }
  expect_failures = [check.somebody_is_alerted]
}
