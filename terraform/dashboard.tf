# One page for whoever is on call: what callers see, what is left of the budgets, which model is live.
resource "google_monitoring_dashboard" "service" {
  project = var.project
  dashboard_json = jsonencode({
    displayName = var.name
    mosaicLayout = {
      columns = 12
      # Two in a row. Zeroes are left out, as Google leaves them out when it is asked.
      tiles = [
        for place, widget in local.widgets : merge(
          { width = 6, height = 4, widget = widget },
          place % 2 == 0 ? {} : { xPos = 6 },
          place < 2 ? {} : { yPos = floor(place / 2) * 4 },
        )
      ]
    }
  })
}

locals {
  widgets = concat(
    [for title, chart in local.charts : { title = title, xyChart = { dataSets = [for series in chart : { plotType = "LINE", timeSeriesQuery = { timeSeriesFilter = series } }] } }],
    [{ title = "What happened to the model", logsPanel = { filter = "${local.resource_filter} AND jsonPayload.event=~\"^model_\"" } }],
  )

  # A chart is a title and its series.
  charts = {
    "Requests per second, by class" = [{
      filter      = local.requests
      aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_RATE", groupByFields = ["metric.label.response_code_class", "resource.label.location"] })
    }]
    "Latency (ms): median, 95 %, 99 %" = [
      for percentile in ["50", "95", "99"] : {
        filter      = local.latencies
        aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_DELTA", crossSeriesReducer = "REDUCE_PERCENTILE_${percentile}", groupByFields = ["resource.label.location"] })
      }
    ]
    "Error budget left" = [
      for key in sort(keys(local.objectives)) : {
        filter      = "select_slo_budget_fraction(\"${local.objectives[key]}\")"
        aggregation = { alignmentPeriod = "300s", perSeriesAligner = "ALIGN_NEXT_OLDER" }
      }
    ]
    "Instances" = [{
      filter      = "metric.type=\"run.googleapis.com/container/instance_count\" AND ${local.resource_filter}"
      aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_MAX", groupByFields = ["metric.label.state", "resource.label.location"] })
    }]
    "Start of an instance (ms), 95 %" = [{
      filter      = "metric.type=\"run.googleapis.com/container/startup_latencies\" AND ${local.resource_filter}"
      aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_DELTA", crossSeriesReducer = "REDUCE_PERCENTILE_95", groupByFields = ["resource.label.location"] })
    }]
    "Memory in use, 99 %" = [{
      filter      = "metric.type=\"run.googleapis.com/container/memory/utilizations\" AND ${local.resource_filter}"
      aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_DELTA", crossSeriesReducer = "REDUCE_PERCENTILE_99", groupByFields = ["resource.label.location"] })
    }]
    "Uploads refused, instances without a model" = [
      for event, metric in google_logging_metric.model_event : {
        filter      = "metric.type=\"logging.googleapis.com/user/${metric.name}\" AND resource.type=\"cloud_run_revision\""
        aggregation = merge(local.each_minute, { perSeriesAligner = "ALIGN_DELTA", groupByFields = ["resource.label.location"] })
      }
    ]
  }

  each_minute = { alignmentPeriod = "60s", crossSeriesReducer = "REDUCE_SUM" }
}
