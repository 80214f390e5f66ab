# Names depend on variables only, so that they are known before anything exists and are the same in every plan.
locals {
  model_bucket  = "${var.project}-${var.name}-models"
  source_bucket = "${var.project}-${var.name}-source"
  model_uri     = "gs://${local.model_bucket}/${local.model_object}"

  # The publishing address in taxiway.toml: a list of one pair of bucket and object, or of none.
  config       = "${path.module}/../taxiway.toml"
  published    = fileexists(local.config) ? regexall("(?m)^to *= *[\"']gs://([^/\"']+)/([^\"']+)[\"']", file(local.config)) : []
  model_object = coalesce(var.model_object, try(local.published[0][1], "models/flight-delay"))

  # Bootstrap creates this account.
  build_account = "${var.name}-build@${var.project}.iam.gserviceaccount.com"

  # The filter of all metrics and log records of the function.
  resource_filter = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}\""
}

# A warning: publishing by taxiway.toml would not reach the function.
check "publishing_address" {
  assert {
    condition     = alltrue([for each in local.published : "gs://${each[0]}/${each[1]}" == local.model_uri])
    error_message = "taxiway.toml publishes to ${join(", ", [for each in local.published : "gs://${each[0]}/${each[1]}"])}, but the function serves ${local.model_uri}: set `to` in taxiway.toml to that address."
  }
}
