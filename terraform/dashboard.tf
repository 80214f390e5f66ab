# One page for whoever is on call: what callers see, what is left of the budgets, which model is live.
resource "google_monitoring_dashboard" "service" {
  project = var.project
  dashboard_json = jsonencode({
    displayName = var.name
    mosaicLayout = {
      columns = 12
      # Two in a row. Zeroes are left out, as Google leaves them out when it is asked.
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
  # A tile is a title and its series, or a log.
  tiles = concat(
    [
      {
        title = "Requests per second, by class"
        series = [{
          filter      = local.requests
          aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_RATE", groupByFields = ["metric.label.response_code_class", "resource.label.location"] })
        }]
      },
      {
        title = "Latency (ms) by region: median, 95 %, 99 %"
        series = [for percentile in ["50", "95", "99"] : {
          filter      = local.latencies
          aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_DELTA", crossSeriesReducer = "REDUCE_PERCENTILE_${percentile}", groupByFields = ["resource.label.location"] })
        }]
      },
      {
        title = "Error budget left"
        series = [for key in sort(keys(local.objectives)) : {
          filter      = "select_slo_budget_fraction(\"${local.objectives[key]}\")"
          aggregation = { alignmentPeriod = "300s", perSeriesAligner = "ALIGN_NEXT_OLDER" }
        }]
      },
      {
        title = "Burn rate over an hour"
        series = [for key in sort(keys(local.objectives)) : {
          filter      = "select_slo_burn_rate(\"${local.objectives[key]}\", \"3600s\")"
          aggregation = { alignmentPeriod = "60s", perSeriesAligner = "ALIGN_NEXT_OLDER" }
        }]
      },
      {
        title = "Model versions that instances took up"
        series = [{
          filter      = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.model_live.name}\" AND resource.type=\"cloud_run_revision\""
          aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_DELTA", groupByFields = ["metric.label.version", "resource.label.location"] })
        }]
      },
      {
        title = "Uploads refused, instances without a model"
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
        title = "Start of an instance (ms), 95 %"
        series = [{
          filter      = "metric.type=\"run.googleapis.com/container/startup_latencies\" AND ${local.resource_filter}"
          aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_DELTA", crossSeriesReducer = "REDUCE_PERCENTILE_95", groupByFields = ["resource.label.location"] })
        }]
      },
      {
        title = "Memory in use, 99 %"
        series = [{
          filter      = "metric.type=\"run.googleapis.com/container/memory/utilizations\" AND ${local.resource_filter}"
          aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_DELTA", crossSeriesReducer = "REDUCE_PERCENTILE_99", groupByFields = ["resource.label.location"] })
        }]
      },
      { title = "What happened to the model", log = "${local.resource_filter} AND jsonPayload.event=~\"^model_\"" },
    ],
    # Who is told to wait never gets to a region.
    [
      for url_map in google_compute_url_map.https : {
        title = "Requests per second at the domain, by class"
        series = [{
          filter      = "metric.type=\"loadbalancing.googleapis.com/https/request_count\" AND resource.type=\"https_lb_rule\" AND resource.labels.url_map_name=\"${url_map.name}\""
          aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_RATE", groupByFields = ["metric.label.response_code_class"] })
        }]
      }
    ],
  )

  each_minute = { alignmentPeriod = "60s", crossSeriesReducer = "REDUCE_SUM" }
}
