# Predictions in SQL: two BigQuery remote functions, which post rows to /bigquery.
resource "google_bigquery_connection" "function" {
  count = local.in_sql ? 1 : 0

  project       = var.project
  location      = local.dataset_location
  connection_id = var.name
  friendly_name = "${var.name}: identity with which BigQuery calls the function"

  cloud_resource {}
}

resource "google_cloud_run_v2_service_iam_member" "bigquery" {
  count = local.in_sql ? 1 : 0

  project  = var.project
  location = local.bigquery.region
  name     = basename(google_cloudfunctions2_function.predict[local.bigquery.region].id)
  role     = "roles/run.invoker"
  member   = "serviceAccount:${google_bigquery_connection.function[0].cloud_resource[0].service_account_id}"
}

resource "google_bigquery_dataset" "functions" {
  count = local.in_sql ? 1 : 0

  project     = var.project
  dataset_id  = local.dataset
  location    = local.dataset_location
  description = "Remote functions that predict with ${var.name} in SQL"
}

resource "google_bigquery_routine" "predict" {
  for_each = local.in_sql ? local.sql_functions : {}

  project         = var.project
  dataset_id      = google_bigquery_dataset.functions[0].dataset_id
  routine_id      = each.key
  routine_type    = "SCALAR_FUNCTION"
  description     = each.value.description
  definition_body = ""
  return_type     = jsonencode({ typeKind = local.bigquery.returns })

  dynamic "arguments" {
    for_each = each.value.arguments

    content {
      name          = arguments.value.name
      argument_kind = "FIXED_TYPE"
      data_type     = jsonencode({ typeKind = arguments.value.type })
    }
  }

  remote_function_options {
    connection           = google_bigquery_connection.function[0].name
    endpoint             = "${google_cloudfunctions2_function.predict[local.bigquery.region].service_config[0].uri}/bigquery"
    max_batching_rows    = tostring(local.bigquery.max_rows)
    user_defined_context = { output = local.bigquery.output, on_error = local.bigquery.on_error }
  }

  # The functions can be called as soon as they exist.
  depends_on = [google_cloud_run_v2_service_iam_member.bigquery]
}

locals {
  in_sql           = local.bigquery != null
  dataset          = local.in_sql ? coalesce(local.bigquery.dataset, replace(var.name, "-", "_")) : ""
  dataset_location = local.in_sql ? coalesce(local.bigquery.location, local.bigquery.region) : ""

  sql_functions = local.in_sql ? {
    (local.bigquery.function) = {
      description = "Predicts from the model's features, in the model's order"
      arguments   = local.bigquery.arguments
    }
    "${local.bigquery.function}_json" = {
      description = "Predicts from a row in JSON: an object with the model's features, or an encoded vector"
      arguments   = [{ name = "row", type = "JSON" }]
    }
  } : {}
}
