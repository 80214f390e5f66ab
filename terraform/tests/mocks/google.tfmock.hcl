# What the provider would answer, known already when planning.
mock_resource "google_storage_bucket" {
  defaults = { project_number = 123456789012 }
}

mock_resource "google_service_account" {
  defaults = {
    email  = "taxiway-runtime@example-project.iam.gserviceaccount.com"
    member = "serviceAccount:taxiway-runtime@example-project.iam.gserviceaccount.com"
  }
}

mock_resource "google_storage_bucket_object" {
  defaults = { generation = 1795381672494954 }
}

mock_resource "google_artifact_registry_repository" {
  defaults = { id = "projects/example-project/locations/europe-west1/repositories/taxiway" }
}

mock_resource "google_cloudfunctions2_function" {
  defaults = {
    id             = "projects/example-project/locations/europe-west1/functions/taxiway"
    service_config = { uri = "https://taxiway-abc123-ew.a.run.app" }
  }
}

mock_resource "google_monitoring_slo" {
  defaults = { name = "projects/123456789012/services/taxiway-europe-west1/serviceLevelObjectives/mocked" }
}

mock_resource "google_monitoring_uptime_check_config" {
  defaults = { uptime_check_id = "taxiway-check" }
}

mock_resource "google_compute_global_address" {
  defaults = { address = "203.0.113.7" }
}

mock_resource "google_bigquery_connection" {
  defaults = {
    name           = "projects/123456789012/locations/EU/connections/taxiway"
    cloud_resource = { service_account_id = "bqcx-123456789012-abcd@gcp-sa-bigquery-condel.iam.gserviceaccount.com" }
  }
}
