mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  project    = "example-project"
  source_zip = "versions.tf" # any file will do
}

run "the_runtime_account_reads_models_and_nothing_else" {
  command = plan

  assert {
    condition = (
      google_storage_bucket_iam_member.runtime_reads_models.role == "roles/storage.objectViewer"
      && google_storage_bucket_iam_member.runtime_reads_models.bucket == "example-project-taxiway-models"
      && google_storage_bucket_iam_member.runtime_reads_models.member == google_service_account.runtime.member
    )
    error_message = "It holds objectViewer on the model bucket."
  }

  assert {
    condition     = !contains([for grant in google_cloud_run_v2_service_iam_member.invoker : grant.member], google_service_account.runtime.member)
    error_message = "It does not call the function."
  }
}

run "nobody_but_the_deployer_and_the_uptime_check_by_default" {
  command = plan

  assert {
    condition = [for grant in google_cloud_run_v2_service_iam_member.invoker : grant.member] == [
      "serviceAccount:taxiway-deployer@example-project.iam.gserviceaccount.com"
    ]
    error_message = "The deployer may call the function, to try it."
  }
}

run "invokers_in_each_region" {
  command = plan
  variables {
    regions               = { europe-west1 = {}, us-central1 = {} }
    allow_unauthenticated = true
    load_balancer         = { domain = "delays.example.com" }
    invokers              = ["group:analysts@example.com", "serviceAccount:taxiway-deployer@example-project.iam.gserviceaccount.com"]
  }

  assert {
    condition = keys(google_cloud_run_v2_service_iam_member.invoker) == [
      "europe-west1 allUsers", "europe-west1 group:analysts@example.com", "europe-west1 serviceAccount:taxiway-deployer@example-project.iam.gserviceaccount.com",
      "us-central1 allUsers", "us-central1 group:analysts@example.com", "us-central1 serviceAccount:taxiway-deployer@example-project.iam.gserviceaccount.com",
    ]
    error_message = "Everybody once in each region."
  }

  assert {
    condition     = alltrue([for grant in google_cloud_run_v2_service_iam_member.invoker : grant.role == "roles/run.invoker" && grant.name == "taxiway"])
    error_message = "They may call it, and that is all."
  }
}

run "anybody_only_when_told" {
  command = plan
  variables {
    allow_unauthenticated = true
    invokers              = ["user:me@example.com"]
  }

  assert {
    condition     = length([for grant in google_cloud_run_v2_service_iam_member.invoker : grant if startswith(grant.member, "all")]) == 1
    error_message = "One binding names allUsers."
  }
}

run "all_users_are_no_invoker" {
  command = plan
  variables {
    invokers = ["allUsers"]
  }
  expect_failures = [var.invokers]
}

run "all_authenticated_users_are_no_invoker" {
  command = plan
  variables {
    invokers              = ["allAuthenticatedUsers"]
    allow_unauthenticated = true
  }
  expect_failures = [var.invokers]
}

run "an_invoker_without_its_kind" {
  command = plan
  variables {
    invokers = ["me@example.com"]
  }
  expect_failures = [var.invokers]
}
