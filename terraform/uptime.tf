# Asks from outside whether the function answers, with an identity token of the monitoring agent, so that it works
# when the function is private.
resource "google_monitoring_uptime_check_config" "health" {
  for_each = var.regions

  project      = var.project
  display_name = "${var.name} in ${each.key}"
  period       = "300s"
  timeout      = "10s"

  http_check {
    path           = "/health"
    port           = 443
    request_method = "GET"
    use_ssl        = true
    validate_ssl   = true

    service_agent_authentication {
      type = "OIDC_TOKEN"
    }
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project
      host       = regex("^https?://([^:/]+)", google_cloudfunctions2_function.predict[each.key].service_config[0].uri)[0]
    }
  }
}

# Google makes the agent with the first check that needs it; its name has the project's number, which the bucket knows.
resource "google_cloud_run_v2_service_iam_member" "uptime" {
  for_each = var.regions

  project  = var.project
  location = each.key
  name     = basename(google_cloudfunctions2_function.predict[each.key].id)
  role     = "roles/run.invoker"
  member   = "serviceAccount:service-${google_storage_bucket.models.project_number}@gcp-sa-monitoring-notification.iam.gserviceaccount.com"

  depends_on = [google_monitoring_uptime_check_config.health]
}

resource "google_monitoring_alert_policy" "uptime" {
  for_each = var.regions

  project               = var.project
  display_name          = "${var.name} in ${each.key}: not reachable"
  severity              = "CRITICAL"
  combiner              = "OR"
  notification_channels = local.notification_channels

  conditions {
    display_name = "fails from two places or more"
    condition_threshold {
      filter          = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.health[each.key].uptime_check_id}\" AND resource.type=\"uptime_url\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "60s"
      aggregations {
        alignment_period     = "1200s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    mime_type = "text/markdown"
    content   = "`GET /health` is answered as soon as the process runs, with or without a model: instances don't start, or the platform is down in ${each.key}. The log of the newest revision says which. A bad deployment: apply the commit before it again."
  }
}
