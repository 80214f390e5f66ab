# In these runs no value is known before it exists, as in a first plan against the cloud.
mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project    = "example-project"
  source_zip = "versions.tf" # any file will do
  regions    = { europe-west1 = {}, us-central1 = {} }
  invokers   = ["group:analysts@example.com"]
  alerts     = { emails = ["oncall@example.com"] }

  allow_unauthenticated = true
  load_balancer         = { domain = "delays.example.com" }
}

run "first" {
  assert {
    condition     = length(google_compute_backend_service.function[0].backend) == 2
    error_message = "The load balancer must have both regions as backends."
  }
}

run "another_source" {
  variables {
    source_zip = "variables.tf"
  }

  assert {
    condition = alltrue([for function in google_cloudfunctions2_function.predict :
    function.build_config[0].source[0].storage_source[0].object == "source/${filesha256("variables.tf")}.zip"])
    error_message = "Every region must get the new object."
  }

  assert {
    condition     = output.model_uri == run.first.model_uri && output.urls == run.first.urls
    error_message = "The model URI and the URLs must not change."
  }
}

run "one_region_less" {
  variables {
    regions = { us-central1 = {} }
  }

  assert {
    condition = (
      keys(output.urls) == ["us-central1"] && length(google_cloud_run_v2_service_iam_member.invoker) == 2
      && length(google_compute_backend_service.function[0].backend) == 1
    )
    error_message = "All resources of a removed region must be destroyed."
  }
}
