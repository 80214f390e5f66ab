# Uptime checks request /health from outside, as probes, which the objectives leave out: in each region, with an identity token of the monitoring agent, so that it
# works for a private function, and at the domain. If the regions are closed, only at the domain.
locals {
  open_regions = local.closed ? {} : local.regions

  checks = merge(
    { for region in keys(local.open_regions) : region => { place = "in ${region}", signed = true, host = regex("^https?://([^:/]+)", google_cloudfunctions2_function.predict[region].service_config[0].uri)[0] } },
    local.balanced && var.allow_unauthenticated ? { domain = { place = "at ${local.domain}", signed = false, host = local.domain } } : {},
  )
}

resource "google_monitoring_uptime_check_config" "health" {
  for_each = local.checks

  project      = var.project
  display_name = "${var.name} ${each.value.place}"
  period       = "300s"
  timeout      = "10s"

  http_check {
    path           = "/health?probe"
    port           = 443
    request_method = "GET"
    use_ssl        = true
    validate_ssl   = true

    dynamic "service_agent_authentication" {
      for_each = each.value.signed ? ["OIDC_TOKEN"] : []

      content {
        type = service_agent_authentication.value
      }
    }
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project
      host       = each.value.host
    }
  }
}

# Google creates the agent with the first check that needs it. Its name contains the project number, which is read from
# the bucket.
resource "google_cloud_run_v2_service_iam_member" "uptime" {
  for_each = local.open_regions

  project  = var.project
  location = each.key
  name     = basename(google_cloudfunctions2_function.predict[each.key].id)
  role     = "roles/run.invoker"
  member   = "serviceAccount:service-${google_storage_bucket.models.project_number}@gcp-sa-monitoring-notification.iam.gserviceaccount.com"

  depends_on = [google_monitoring_uptime_check_config.health]
}

resource "google_monitoring_alert_policy" "uptime" {
  for_each = local.checks

  project               = var.project
  display_name          = "${var.name} ${each.value.place}: not reachable"
  severity              = "CRITICAL"
  combiner              = "OR"
  notification_channels = local.notification_channels

  conditions {
    display_name = "fails from at least two locations"
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
    content   = "`GET /health` gets no successful response ${each.value.place}. It responds as soon as the process runs, with or without a model. ${format(local.what_to_do, "not-reachable")}"
  }

  # A check for another host is replaced, and can't be deleted while an alert refers to it.
  lifecycle {
    replace_triggered_by = [google_monitoring_uptime_check_config.health[each.key].monitored_resource]
  }
}
