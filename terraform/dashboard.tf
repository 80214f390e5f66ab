# A dashboard for the engineer on call: requests and latency, error budgets, the live model.
resource "google_monitoring_dashboard" "service" {
  project = var.project
  dashboard_json = jsonencode({
    displayName = var.name
    mosaicLayout = {
      columns = 12
      # Two tiles per row. Zeroes are omitted, because the API omits them too: every plan would show a difference.
      tiles = [
        for place, tile in local.tiles : merge(
          { width = 6, height = 4, widget = { for key, value in {
            title     = tile.title
            xyChart   = try({ dataSets = [for series in tile.series : { plotType = "LINE", timeSeriesQuery = { timeSeriesFilter = series } }] }, null)
            logsPanel = try({ filter = tile.log }, null)
          } : key => value if value != null } },
          place % 2 == 0 ? {} : { xPos = 6 },
          place < 2 ? {} : { yPos = floor(place / 2) * 4 },
        )
      ]
    }
  })
}

locals {
  # A tile has a title, and series or a log filter.
  tiles = concat(
    [
      {
        title = "Requests per second, by status class"
        series = [{
          filter      = local.requests
          aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_RATE", groupByFields = ["metric.label.response_code_class", "resource.label.location"] })
        }]
      },
      {
        title = "Latency (ms) by region: 50th, 95th, 99th percentile"
        series = [for percentile in ["50", "95", "99"] : {
          filter      = local.latencies
          aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_DELTA", crossSeriesReducer = "REDUCE_PERCENTILE_${percentile}", groupByFields = ["resource.label.location"] })
        }]
      },
      {
        title = "Remaining error budget"
        series = [for key in sort(keys(local.objectives)) : {
          filter      = "select_slo_budget_fraction(\"${local.objectives[key]}\")"
          aggregation = { alignmentPeriod = "300s", perSeriesAligner = "ALIGN_NEXT_OLDER" }
        }]
      },
      {
        title = "Error budget burn rate over one hour"
        series = [for key in sort(keys(local.objectives)) : {
          filter      = "select_slo_burn_rate(\"${local.objectives[key]}\", \"3600s\")"
          aggregation = { alignmentPeriod = "60s", perSeriesAligner = "ALIGN_NEXT_OLDER" }
        }]
      },
      {
        title = "Model versions loaded by instances"
        series = [{
          filter      = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.model_live.name}\" AND resource.type=\"cloud_run_revision\""
          aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_DELTA", groupByFields = ["metric.label.version", "resource.label.location"] })
        }]
      },
      {
        title = "Refused uploads, instances without a model"
        series = [for event, metric in google_logging_metric.model_event : {
          filter      = "metric.type=\"logging.googleapis.com/user/${metric.name}\" AND resource.type=\"cloud_run_revision\""
          aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_DELTA", groupByFields = ["resource.label.location"] })
        }]
      },
      {
        title = "Instances"
        series = [{
          filter      = "metric.type=\"run.googleapis.com/container/instance_count\" AND ${local.resource_filter}"
          aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_MAX", groupByFields = ["metric.label.state", "resource.label.location"] })
        }]
      },
      {
        title = "Startup latency of an instance (ms), 95th percentile"
        series = [{
          filter      = "metric.type=\"run.googleapis.com/container/startup_latencies\" AND ${local.resource_filter}"
          aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_DELTA", crossSeriesReducer = "REDUCE_PERCENTILE_95", groupByFields = ["resource.label.location"] })
        }]
      },
      {
        title = "Memory utilization, 99th percentile"
        series = [{
          filter      = "metric.type=\"run.googleapis.com/container/memory/utilizations\" AND ${local.resource_filter}"
          aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_DELTA", crossSeriesReducer = "REDUCE_PERCENTILE_99", groupByFields = ["resource.label.location"] })
        }]
      },
      { title = "Log of model events", log = "${local.resource_filter} AND jsonPayload.event=~\"^model_\"" },
    ],
    # Requests over the rate limit (429) never reach a region.
    [
      for url_map in google_compute_url_map.https : {
        title = "Requests per second at the domain, by status class"
        series = [{
          filter      = "metric.type=\"loadbalancing.googleapis.com/https/request_count\" AND resource.type=\"https_lb_rule\" AND resource.labels.url_map_name=\"${url_map.name}\""
          aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_RATE", groupByFields = ["metric.label.response_code_class"] })
        }]
      }
    ],
  )

  each_minute = { alignmentPeriod = "60s", crossSeriesReducer = "REDUCE_SUM" }
}
