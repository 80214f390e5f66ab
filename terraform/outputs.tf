output "urls" {
  description = "Where the function answers, by region."
  value       = { for region, function in google_cloudfunctions2_function.predict : region => function.service_config[0].uri }
}

output "url" {
  description = "Where it answers in the first region."
  value       = google_cloudfunctions2_function.predict[keys(var.regions)[0]].service_config[0].uri
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
  description = "The line that predicts, in the first region."
  value = join(" ", concat(
    ["curl", "${google_cloudfunctions2_function.predict[keys(var.regions)[0]].service_config[0].uri}/predict"],
    var.allow_unauthenticated ? [] : ["-H \"Authorization: Bearer $(gcloud auth print-identity-token)\""],
    ["-H 'Content-Type: application/json'"],
    ["-d '{\"instances\":[{\"carrier\":\"UA\",\"month\":7,\"origin\":\"EWR\",\"period\":\"evening\"}]}'"],
  ))
}
