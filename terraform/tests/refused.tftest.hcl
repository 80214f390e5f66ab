mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  project    = "example-project"
  source_zip = "versions.tf" # any file will do
  alerts     = { emails = ["oncall@example.com"] }
}

run "concurrency_with_less_than_one_cpu" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { cpu = 0.5, memory = "512Mi", concurrency = 2 }
  }
  expect_failures = [var.scaling]
}

run "memory_over_half_a_gibibyte_below_half_a_cpu" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { cpu = 0.33, memory = "513Mi", concurrency = 1 }
  }
  expect_failures = [var.scaling]
}

run "memory_over_a_gibibyte_below_one_cpu" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { cpu = 0.5, memory = "1025Mi", concurrency = 1 }
  }
  expect_failures = [var.scaling]
}

run "memory_over_four_gibibytes_with_one_cpu" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { cpu = 1, memory = "5Gi" }
  }
  expect_failures = [var.scaling]
}

run "memory_over_eight_gibibytes_with_two_cpus" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { cpu = 2, memory = "8193Mi" }
  }
  expect_failures = [var.scaling]
}

run "memory_over_everything" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { cpu = 8, memory = "33Gi" }
  }
  expect_failures = [var.scaling]
}

run "memory_under_two_gibibytes_with_four_cpus" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { cpu = 4, memory = "1Gi" }
  }
  expect_failures = [var.scaling]
}

run "memory_too_small_for_the_function" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { cpu = 0.08, memory = "128Mi", concurrency = 1 }
  }
  expect_failures = [var.scaling]
}

run "memory_too_small_for_the_largest_model" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { memory = "1791Mi" }
  }
  expect_failures = [var.scaling]
}

run "memory_too_small_for_two_workers" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { cpu = 2, memory = "3Gi" }
  }
  expect_failures = [var.scaling]
}

run "memory_too_small_for_the_bodies" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { memory = "2Gi", concurrency = 65 }
  }
  expect_failures = [var.scaling]
}

run "more_workers_than_are_sensible" {
  command = plan
  variables {
    environment = { WORKERS = "17" }
  }
  expect_failures = [var.environment]
}

run "largest_model_too_large_for_the_memory" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling         = { memory = "2Gi" }
    max_model_bytes = 375809639
  }
  expect_failures = [var.scaling]
}

run "largest_model_that_is_no_number" {
  command = plan
  variables {
    environment = { MAX_MODEL_BYTES = "256Mi" }
  }
  expect_failures = [var.environment]
}

run "memory_in_megabytes" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { memory = "512MB" }
  }
  expect_failures = [var.scaling]
}

run "three_cpus" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { cpu = 3, memory = "4Gi" }
  }
  expect_failures = [var.scaling]
}

run "no_cpu" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { cpu = 0, memory = "512Mi", concurrency = 1 }
  }
  expect_failures = [var.scaling]
}

run "concurrency_of_nothing" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { concurrency = 0 }
  }
  expect_failures = [var.scaling]
}

run "concurrency_over_a_thousand" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { concurrency = 1001 }
  }
  expect_failures = [var.scaling]
}

run "min_over_max_instances" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { min_instances = 3, max_instances = 2 }
  }
  expect_failures = [var.scaling]
}

run "half_an_instance" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    scaling = { min_instances = 0.5 }
  }
  expect_failures = [var.scaling]
}

run "min_over_max_instances_in_a_region" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    regions = { europe-west1 = { min_instances = 11 } }
  }
  expect_failures = [var.regions]
}

run "negative_instances_in_a_region" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    regions = { europe-west1 = { min_instances = -1 } }
  }
  expect_failures = [var.regions]
}

run "a_zone_for_a_region" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    regions = { europe-west1-b = {} }
  }
  expect_failures = [var.regions]
}

run "a_multi_region_for_a_region" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    regions = { EU = {} }
  }
  expect_failures = [var.regions]
}

run "no_region" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    regions = {}
  }
  expect_failures = [var.regions]
}

run "a_reserved_variable" {
  command = plan
  variables {
    environment = { K_SERVICE = "mine" }
  }
  expect_failures = [var.environment]
}

run "the_port" {
  command = plan
  variables {
    environment = { PORT = "9000" }
  }
  expect_failures = [var.environment]
}

run "the_target" {
  command = plan
  variables {
    environment = { FUNCTION_TARGET = "other" }
  }
  expect_failures = [var.environment]
}

run "a_variable_of_ours" {
  command = plan
  variables {
    environment = { MODEL_URI = "gs://other/model" }
  }
  expect_failures = [var.environment]
}

run "the_execution_id" {
  command = plan
  variables {
    environment = { LOG_EXECUTION_ID = "false" }
  }
  expect_failures = [var.environment]
}

run "no_name_of_a_variable" {
  command = plan
  variables {
    environment = { "MAX-ROWS" = "1" }
  }
  expect_failures = [var.environment]
}

run "latency_goal_over_one" {
  command = plan
  variables {
    latency_goal = 95
  }
  expect_failures = [var.latency_goal]
}

run "latency_goal_of_one" {
  command = plan
  variables {
    latency_goal = 1
  }
  expect_failures = [var.latency_goal]
}

run "latency_goal_of_nothing" {
  command = plan
  variables {
    latency_goal = 0
  }
  expect_failures = [var.latency_goal]
}

run "availability_goal_over_what_can_be_measured" {
  command = plan
  variables {
    availability_goal = 0.99995
  }
  expect_failures = [var.availability_goal]
}

run "latency_over_the_timeout" {
  command = plan
  variables {
    latency_threshold_ms = 60001
  }
  expect_failures = [var.latency_threshold_ms]
}

run "no_source" {
  command = plan
  variables {
    source_zip = "no/such.zip"
  }
  expect_failures = [var.source_zip]
}

run "an_unlocked_python" {
  command = plan
  variables {
    runtime = "python315"
  }
  expect_failures = [var.runtime]
}

run "a_project_number" {
  command = plan
  variables {
    project = "123456789012"
  }
  expect_failures = [var.project]
}

run "a_long_name" {
  command = plan
  variables {
    name = "a-name-of-far-too-many-letters"
  }
  expect_failures = [var.name]
}

run "a_model_with_its_bucket" {
  command = plan
  variables {
    model_object = "gs://bucket/models/m"
  }
  expect_failures = [var.model_object]
}

run "no_earlier_version" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    model_bucket = { keep_versions = 0 }
  }
  expect_failures = [var.model_bucket]
}

run "a_short_soft_delete" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    model_bucket = { soft_delete_days = 3 }
  }
  expect_failures = [var.model_bucket]
}

run "no_address" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    alerts = { emails = ["oncall"] }
  }
  expect_failures = [var.alerts]
}

run "no_evidence" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    alerts = { min_failures = 0 }
  }
  expect_failures = [var.alerts]
}

run "several_regions_without_a_domain" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    regions               = { europe-west1 = {}, us-central1 = {} }
    allow_unauthenticated = true
  }
  expect_failures = [var.regions]
}

run "a_private_function_in_several_regions" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    regions       = { europe-west1 = {}, us-central1 = {} }
    load_balancer = { domain = "delays.example.com", closed = false }
  }
  expect_failures = [var.regions]
}

run "the_uptime_check_of_a_closed_private_function" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    load_balancer = { domain = "delays.example.com" }
  }
  expect_failures = [var.load_balancer]
}

run "bigquery_through_a_closed_ingress" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    load_balancer         = { domain = "delays.example.com" }
    allow_unauthenticated = true
    bigquery              = { region = "europe-west1" }
  }
  expect_failures = [var.bigquery]
}

run "an_address_for_a_domain" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    load_balancer = { domain = "https://delays.example.com", closed = false }
  }
  expect_failures = [var.load_balancer]
}

run "a_wildcard_for_a_domain" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    load_balancer = { domain = "*.example.com", closed = false }
  }
  expect_failures = [var.load_balancer]
}

run "no_request_a_minute" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    load_balancer = { domain = "delays.example.com", closed = false, requests_per_minute = 0 }
  }
  expect_failures = [var.load_balancer]
}

run "more_requests_than_can_be_counted" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    load_balancer = { domain = "delays.example.com", closed = false, requests_per_minute = 1000001 }
  }
  expect_failures = [var.load_balancer]
}

run "bigquery_where_no_function_is" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    bigquery = { region = "us-central1" }
  }
  expect_failures = [var.bigquery]
}

run "a_dataset_far_from_the_function" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    bigquery = { region = "europe-west1", location = "US" }
  }
  expect_failures = [var.bigquery]
}

run "london_in_the_european_union" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    regions  = { europe-west2 = {} }
    bigquery = { region = "europe-west2", location = "EU" }
  }
  expect_failures = [var.bigquery]
}

run "a_hyphen_in_sql" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    bigquery = { region = "europe-west1", dataset = "flight-delays" }
  }
  expect_failures = [var.bigquery]
}

run "an_array_for_an_argument" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    bigquery = { region = "europe-west1", arguments = [{ name = "vector", type = "ARRAY" }] }
  }
  expect_failures = [var.bigquery]
}

run "an_argument_twice" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    bigquery = { region = "europe-west1", arguments = [{ name = "month", type = "INT64" }, { name = "month", type = "INT64" }] }
  }
  expect_failures = [var.bigquery]
}

run "no_argument" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    bigquery = { region = "europe-west1", arguments = [] }
  }
  expect_failures = [var.bigquery]
}

run "an_unknown_output" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    bigquery = { region = "europe-west1", output = "explanation" }
  }
  expect_failures = [var.bigquery]
}

run "more_rows_than_the_function_takes" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    bigquery = { region = "europe-west1", max_rows = 501 }
    max_rows = 500
  }
  expect_failures = [var.bigquery]
}

run "a_runbook_with_its_section" {
  command = plan
  variables {
    runbook = "https://github.com/me/taxiway/blob/main/docs/runbook.md#costs"
  }
  expect_failures = [var.runbook]
}
