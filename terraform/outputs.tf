output "urls" {
  description = "URLs of the function, by region; not reachable if the load balancer has closed = true."
  value       = { for region, function in google_cloudfunctions2_function.predict : region => function.service_config[0].uri }
}

output "url" {
  description = "URL of the function: the load balancer's domain, if there is one."
  value       = local.url
}

output "audience" {
  description = "Audience of identity tokens for the function: Cloud Run accepts only its own URL, even for requests to the domain."
  value       = local.audience
}

output "address" {
  description = "IP address of the load balancer, for the A record of the domain; null without a load balancer."
  value       = one(google_compute_global_address.load_balancer[*].address)
}

output "address_ipv6" {
  description = "IPv6 address of the load balancer, for the AAAA record of the domain; null without one."
  value       = one(google_compute_global_address.ipv6[*].address)
}

output "model_bucket" {
  description = "Bucket to upload models to."
  value       = google_storage_bucket.models.name
}

output "model_uri" {
  description = "Address of the model: MODEL_URI of the function, and the value of `taxiway publish --to`."
  value       = local.model_uri
}

output "publish" {
  description = "Command that publishes the model that training wrote, build/model.zip, if it passes the gate."
  value       = ".venv/bin/taxiway publish build/model.zip --to ${local.model_uri}"
}

output "predict" {
  description = "Command that requests a prediction for the example that training writes beside the model, build/model.request.json."
  value = join(" ", concat(
    ["curl", "${local.url}/predict"],
    var.allow_unauthenticated ? [] : ["-H \"Authorization: Bearer $(gcloud auth print-identity-token)\""],
    ["-H 'Content-Type: application/json'"],
    ["-d @build/model.request.json"],
  ))
}

output "sql" {
  description = "SQL query that predicts for the rows of a table with columns of the arguments' names; null without BigQuery."
  value = local.in_sql ? join(" ", [
    "SELECT *, `${var.project}`.${google_bigquery_dataset.functions[0].dataset_id}.${local.bigquery.function}(${join(", ", local.bigquery.arguments[*].name)}) AS prediction",
    "FROM DATASET.TABLE",
  ]) : null
}

locals {
  audience = google_cloudfunctions2_function.predict[keys(local.regions)[0]].service_config[0].uri
  url      = local.balanced ? "https://${local.domain}" : local.audience
}
