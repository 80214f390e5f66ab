# Names depend on variables only, so that they are known before anything exists and are the same in every plan.
locals {
  model_bucket  = "${var.project}-${var.name}-models"
  source_bucket = "${var.project}-${var.name}-source"
  model_uri     = "gs://${local.model_bucket}/${var.model_object}"

  # Bootstrap creates both accounts.
  build_account = "${var.name}-build@${var.project}.iam.gserviceaccount.com"
  deployer      = "serviceAccount:${var.name}-deployer@${var.project}.iam.gserviceaccount.com"

  # The filter of all metrics and log records of the function.
  resource_filter = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}\""
}
