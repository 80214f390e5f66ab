# Events that the function logs about its model, as metrics for the dashboard and as alerts. The alerts match log
# records directly, because an alert can't use a metric in the first minutes after its creation.
locals {
  model_events = {
    model_refused = {
      title    = "upload refused"
      severity = "WARNING"
      advice   = "The function refused to serve the last upload to `${local.model_uri}`; the label `reason` of the incident says why. The previous model, if there was one, stays live. ${format(local.what_to_do, "upload-refused")}"
    }
    model_missing = {
      title    = "no live model"
      severity = "CRITICAL"
      advice   = "Every prediction request gets status 503: there is no model at `${local.model_uri}`, or it can't be downloaded. The label `reason` of the incident says why. ${format(local.what_to_do, "no-live-model")}"
    }
  }
}

resource "google_logging_metric" "model_event" {
  for_each = local.model_events

  project     = var.project
  name        = "${var.name}/${each.key}"
  description = "${var.name}: ${each.value.title}"
  filter      = "${local.resource_filter} AND jsonPayload.event=\"${each.key}\""

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }
}

# Without an alert: an instance has loaded a model, by version.
resource "google_logging_metric" "model_live" {
  project          = var.project
  name             = "${var.name}/model_live"
  description      = "${var.name}: a model is live, by version"
  filter           = "${local.resource_filter} AND jsonPayload.event=\"model_live\""
  label_extractors = { version = "EXTRACT(jsonPayload.version)" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key         = "version"
      value_type  = "STRING"
      description = "Version of the model, as in GET /model"
    }
  }
}

resource "google_monitoring_alert_policy" "model_event" {
  for_each = local.model_events

  project               = var.project
  display_name          = "${var.name}: ${each.value.title}"
  severity              = each.value.severity
  combiner              = "OR"
  notification_channels = local.notification_channels

  conditions {
    display_name = each.value.title
    condition_matched_log {
      filter = "${local.resource_filter} AND jsonPayload.event=\"${each.key}\""
      label_extractors = {
        generation = "EXTRACT(jsonPayload.generation)"
        reason     = "EXTRACT(jsonPayload.reason)"
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
    notification_rate_limit {
      period = "3600s"
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = each.value.advice
  }
}
