# Names are made from variables alone: known before anything exists, the same in every plan.
locals {
  model_bucket  = "${var.project}-${var.name}-models"
  source_bucket = "${var.project}-${var.name}-source"
  model_uri     = "gs://${local.model_bucket}/${var.model_object}"

  # Both are made by bootstrap.
  build_account = "${var.name}-build@${var.project}.iam.gserviceaccount.com"
  deployer      = "serviceAccount:${var.name}-deployer@${var.project}.iam.gserviceaccount.com"

  # What all metrics and log records of the function are found by.
  resource_filter = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}\""
}
