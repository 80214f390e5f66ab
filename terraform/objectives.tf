resource "google_monitoring_service" "function" {
  for_each = local.regions

  project      = var.project
  service_id   = "${var.name}-${each.key}"
  display_name = "${var.name} in ${each.key}"

  basic_service {
    service_type   = "CLOUD_RUN"
    service_labels = { service_name = var.name, location = each.key }
  }

  # It refers to the Cloud Run service that the function creates.
  depends_on = [google_cloudfunctions2_function.predict]
}

# Status 5xx is a failure, and so is 429: the function never responds with it, so that it is Cloud Run's, which found no
# instance because there are max_instances already. Other client errors (4xx) are no failures. The probes of the uptime
# check (204) are no requests of callers: hundreds a day would make up for many failures.
resource "google_monitoring_slo" "availability" {
  for_each = local.regions

  project             = var.project
  service             = google_monitoring_service.function[each.key].service_id
  slo_id              = "availability"
  display_name        = "${var.availability_goal * 100} % of requests don't fail"
  goal                = var.availability_goal
  rolling_period_days = 28

  request_based_sli {
    good_total_ratio {
      total_service_filter = "${local.requests} AND ${local.not_probes} AND resource.labels.location=\"${each.key}\""
      bad_service_filter   = "${local.requests} AND ${local.failures} AND resource.labels.location=\"${each.key}\""
    }
  }
}

# Latency of successful and of failed requests: a timeout is a slow response too. That a fast failure is no good response
# is the other objective's matter.
resource "google_monitoring_slo" "latency" {
  for_each = local.regions

  project             = var.project
  service             = google_monitoring_service.function[each.key].service_id
  slo_id              = "latency"
  display_name        = "${var.latency_goal * 100} % of requests in ${var.latency_threshold_ms} ms"
  goal                = var.latency_goal
  rolling_period_days = 28

  request_based_sli {
    distribution_cut {
      distribution_filter = "${local.latencies} AND ${local.timed} AND resource.labels.location=\"${each.key}\""
      range {
        max = var.latency_threshold_ms
      }
    }
  }
}

locals {
  requests  = "metric.type=\"run.googleapis.com/request_count\" AND ${local.resource_filter}"
  latencies = "metric.type=\"run.googleapis.com/request_latencies\" AND ${local.resource_filter}"

  # Which of them, by status.
  not_probes = "metric.labels.response_code!=\"204\""
  failures   = "metric.labels.response_code=monitoring.regex.full_match(\"5..|429\")"
  timed      = "metric.labels.response_code=monitoring.regex.full_match(\"(20[0-35-9]|2[1-9].|5..)\")"

  objectives = merge(
    { for region, slo in google_monitoring_slo.availability : "${region} availability" => slo.name },
    { for region, slo in google_monitoring_slo.latency : "${region} latency" => slo.name },
  )
}
