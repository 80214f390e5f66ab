mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  project    = "example-project"
  source_zip = "versions.tf" # any file will do
  alerts     = { emails = ["oncall@example.com"] }
}

run "the_runtime_account_reads_models_and_nothing_else" {
  command = plan

  assert {
    condition = (
      google_storage_bucket_iam_member.runtime_reads_models.role == "roles/storage.objectViewer"
      && google_storage_bucket_iam_member.runtime_reads_models.bucket == "example-project-taxiway-models"
      && google_storage_bucket_iam_member.runtime_reads_models.member == google_service_account.runtime.member
    )
    error_message = "The runtime account must have objectViewer on the model bucket."
  }

  assert {
    condition     = !contains([for grant in google_cloud_run_v2_service_iam_member.invoker : grant.member], google_service_account.runtime.member)
    error_message = "The runtime account must not be an invoker."
  }
}

run "nobody_but_the_uptime_check_is_an_invoker_by_default" {
  command = plan

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.invoker) == 0
    error_message = "Only roles on the project may allow calls."
  }
}

run "invokers_in_each_region" {
  command = plan
  variables {
    regions               = { europe-west1 = {}, us-central1 = {} }
    allow_unauthenticated = true
    load_balancer         = { domain = "delays.example.com" }
    invokers              = ["group:analysts@example.com", "serviceAccount:caller@example-project.iam.gserviceaccount.com"]
  }

  assert {
    condition = keys(google_cloud_run_v2_service_iam_member.invoker) == [
      "europe-west1 allUsers", "europe-west1 group:analysts@example.com", "europe-west1 serviceAccount:caller@example-project.iam.gserviceaccount.com",
      "us-central1 allUsers", "us-central1 group:analysts@example.com", "us-central1 serviceAccount:caller@example-project.iam.gserviceaccount.com",
    ]
    error_message = "There must be one binding per region and invoker."
  }

  assert {
    condition     = alltrue([for grant in google_cloud_run_v2_service_iam_member.invoker : grant.role == "roles/run.invoker" && grant.name == "taxiway"])
    error_message = "Invokers must have roles/run.invoker only."
  }
}

run "public_only_with_allow_unauthenticated" {
  command = plan
  variables {
    allow_unauthenticated = true
    invokers              = ["user:me@example.com"]
  }

  assert {
    condition     = length([for grant in google_cloud_run_v2_service_iam_member.invoker : grant if startswith(grant.member, "all")]) == 1
    error_message = "There must be one binding of allUsers."
  }
}

run "all_users_are_refused_as_invokers" {
  command = plan
  variables {
    invokers = ["allUsers"]
  }
  expect_failures = [var.invokers]
}

run "all_authenticated_users_are_refused_as_invokers" {
  command = plan
  variables {
    invokers              = ["allAuthenticatedUsers"]
    allow_unauthenticated = true
  }
  expect_failures = [var.invokers]
}

run "an_invoker_without_type_prefix" {
  command = plan
  variables {
    invokers = ["me@example.com"]
  }
  expect_failures = [var.invokers]
}
