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

# Only status 5xx is a failure; client errors (4xx) are not.
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
      total_service_filter = "${local.requests} AND resource.labels.location=\"${each.key}\""
      bad_service_filter   = "${local.requests} AND resource.labels.location=\"${each.key}\" AND metric.labels.response_code_class=\"5xx\""
    }
  }
}

# Latency of successful requests only: a fast error is not a good response.
resource "google_monitoring_slo" "latency" {
  for_each = local.regions

  project             = var.project
  service             = google_monitoring_service.function[each.key].service_id
  slo_id              = "latency"
  display_name        = "${var.latency_goal * 100} % of successful requests in ${var.latency_threshold_ms} ms"
  goal                = var.latency_goal
  rolling_period_days = 28

  request_based_sli {
    distribution_cut {
      distribution_filter = "${local.latencies} AND resource.labels.location=\"${each.key}\" AND metric.labels.response_code_class=\"2xx\""
      range {
        max = var.latency_threshold_ms
      }
    }
  }
}

locals {
  requests  = "metric.type=\"run.googleapis.com/request_count\" AND ${local.resource_filter}"
  latencies = "metric.type=\"run.googleapis.com/request_latencies\" AND ${local.resource_filter}"

  objectives = merge(
    { for region, slo in google_monitoring_slo.availability : "${region} availability" => slo.name },
    { for region, slo in google_monitoring_slo.latency : "${region} latency" => slo.name },
  )
}
