output "urls" {
  description = "The function's own URLs, by region; closed where the load balancer is the only way in."
  value       = { for region, function in google_cloudfunctions2_function.predict : region => function.service_config[0].uri }
}

output "url" {
  description = "Where it answers: at the load balancer's domain, where there is one."
  value       = local.url
}

output "audience" {
  description = "What an identity token for it is made out to: Cloud Run takes its own URL alone, also of who comes by the domain."
  value       = local.audience
}

output "address" {
  description = "The load balancer's, which the domain's A record has to be; null without one."
  value       = one(google_compute_global_address.load_balancer[*].address)
}

output "model_bucket" {
  description = "The bucket that models are uploaded to."
  value       = google_storage_bucket.models.name
}

output "model_uri" {
  description = "The model's place: MODEL_URI of the function, and what `publish --to` takes."
  value       = local.model_uri
}

output "publish" {
  description = "The line that publishes a model."
  value       = "gcloud storage cp build/model.zip ${local.model_uri}"
}

output "predict" {
  description = "The line that predicts."
  value = join(" ", concat(
    ["curl", "${local.url}/predict"],
    var.allow_unauthenticated ? [] : ["-H \"Authorization: Bearer $(gcloud auth print-identity-token)\""],
    ["-H 'Content-Type: application/json'"],
    ["-d '{\"instances\":[{\"carrier\":\"UA\",\"month\":7,\"origin\":\"EWR\",\"period\":\"evening\"}]}'"],
  ))
}

output "sql" {
  description = "A query that predicts; null without BigQuery."
  value       = one([for routine in values(google_bigquery_routine.predict) : "SELECT `${var.project}`.${routine.dataset_id}.${routine.routine_id}(JSON '{\"carrier\":\"UA\",\"month\":7,\"origin\":\"EWR\",\"period\":\"evening\"}')" if endswith(routine.routine_id, "_json")])
}

locals {
  audience = google_cloudfunctions2_function.predict[keys(var.regions)[0]].service_config[0].uri
  url      = local.balanced ? "https://${local.domain}" : local.audience
}
