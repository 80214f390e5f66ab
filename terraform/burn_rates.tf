# Alerts on the burn rate of the error budget of 28 days, over a long and a short window: the long one shows that the
# problem is significant, the short one that it continues (https://sre.google/workbook/alerting-on-slos/). An alert also
# needs a minimum of failures or requests: one failure in a night with a hundred requests must not wake anybody.
locals {
  burn_rates = {
    fast   = { rate = 14.4, long = 3600, short = 300, severity = "CRITICAL" }
    medium = { rate = 6, long = 21600, short = 1800, severity = "CRITICAL" }
    slow   = { rate = 3, long = 86400, short = 7200, severity = "WARNING" }
  }

  evidence = {
    availability = { what = "failures", least = local.alerts.min_failures, filter = "${local.requests} AND ${local.failures}" }
    latency      = { what = "requests", least = local.alerts.min_requests, filter = "${local.requests} AND ${local.timed}" }
  }

  burn_alerts = {
    for each in setproduct(keys(local.regions), ["availability", "latency"], keys(local.burn_rates)) :
    join(" ", each) => merge(local.burn_rates[each[2]], { region = each[0], objective = each[1] })
  }
}

resource "google_monitoring_alert_policy" "burn_rate" {
  for_each = local.burn_alerts

  project               = var.project
  display_name          = "${var.name} in ${each.value.region}: ${each.value.objective} error budget burn rate over ${each.value.rate}"
  severity              = each.value.severity
  combiner              = "AND"
  notification_channels = local.notification_channels

  dynamic "conditions" {
    for_each = [each.value.long, each.value.short]

    content {
      display_name = "burn rate over ${conditions.value / 60} minutes"
      condition_threshold {
        filter          = "select_slo_burn_rate(\"${local.objectives["${each.value.region} ${each.value.objective}"]}\", \"${conditions.value}s\")"
        comparison      = "COMPARISON_GT"
        threshold_value = each.value.rate
        duration        = "0s"
      }
    }
  }

  conditions {
    display_name = "at least ${local.evidence[each.value.objective].least} ${local.evidence[each.value.objective].what}"
    condition_threshold {
      filter          = "${local.evidence[each.value.objective].filter} AND resource.labels.location=\"${each.value.region}\""
      comparison      = "COMPARISON_GT"
      threshold_value = local.evidence[each.value.objective].least - 1
      duration        = "0s"
      aggregations {
        alignment_period     = "${each.value.long}s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    mime_type = "text/markdown"
    content   = "At this burn rate the ${each.value.objective} error budget of 28 days is used up in ${format("%.1f", 28 / each.value.rate)} days. ${format(local.what_to_do, "the-${each.value.objective}-budget-burns")}"
  }
}
