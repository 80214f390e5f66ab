mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  project    = "example-project"
  source_zip = "versions.tf" # any file will do
}

run "concurrency_with_less_than_one_cpu" {
  command = plan
  variables {
    scaling = { cpu = 0.5, memory = "512Mi", concurrency = 2 }
  }
  expect_failures = [var.scaling]
}

run "memory_over_half_a_gibibyte_below_half_a_cpu" {
  command = plan
  variables {
    scaling = { cpu = 0.33, memory = "513Mi", concurrency = 1 }
  }
  expect_failures = [var.scaling]
}

run "memory_over_a_gibibyte_below_one_cpu" {
  command = plan
  variables {
    scaling = { cpu = 0.5, memory = "1025Mi", concurrency = 1 }
  }
  expect_failures = [var.scaling]
}

run "memory_over_four_gibibytes_with_one_cpu" {
  command = plan
  variables {
    scaling = { cpu = 1, memory = "5Gi" }
  }
  expect_failures = [var.scaling]
}

run "memory_over_eight_gibibytes_with_two_cpus" {
  command = plan
  variables {
    scaling = { cpu = 2, memory = "8193Mi" }
  }
  expect_failures = [var.scaling]
}

run "memory_over_everything" {
  command = plan
  variables {
    scaling = { cpu = 8, memory = "33Gi" }
  }
  expect_failures = [var.scaling]
}

run "memory_under_two_gibibytes_with_four_cpus" {
  command = plan
  variables {
    scaling = { cpu = 4, memory = "1Gi" }
  }
  expect_failures = [var.scaling]
}

run "memory_too_small_for_the_function" {
  command = plan
  variables {
    scaling = { cpu = 0.08, memory = "128Mi", concurrency = 1 }
  }
  expect_failures = [var.scaling]
}

run "memory_in_megabytes" {
  command = plan
  variables {
    scaling = { memory = "512MB" }
  }
  expect_failures = [var.scaling]
}

run "three_cpus" {
  command = plan
  variables {
    scaling = { cpu = 3, memory = "4Gi" }
  }
  expect_failures = [var.scaling]
}

run "no_cpu" {
  command = plan
  variables {
    scaling = { cpu = 0, memory = "512Mi", concurrency = 1 }
  }
  expect_failures = [var.scaling]
}

run "concurrency_of_nothing" {
  command = plan
  variables {
    scaling = { concurrency = 0 }
  }
  expect_failures = [var.scaling]
}

run "concurrency_over_a_thousand" {
  command = plan
  variables {
    scaling = { concurrency = 1001 }
  }
  expect_failures = [var.scaling]
}

run "min_over_max_instances" {
  command = plan
  variables {
    scaling = { min_instances = 3, max_instances = 2 }
  }
  expect_failures = [var.scaling]
}

run "half_an_instance" {
  command = plan
  variables {
    scaling = { min_instances = 0.5 }
  }
  expect_failures = [var.scaling]
}

run "min_over_max_instances_in_a_region" {
  command = plan
  variables {
    regions = { europe-west1 = { min_instances = 11 } }
  }
  expect_failures = [var.regions]
}

run "negative_instances_in_a_region" {
  command = plan
  variables {
    regions = { europe-west1 = { min_instances = -1 } }
  }
  expect_failures = [var.regions]
}

run "a_zone_for_a_region" {
  command = plan
  variables {
    regions = { europe-west1-b = {} }
  }
  expect_failures = [var.regions]
}

run "a_multi_region_for_a_region" {
  command = plan
  variables {
    regions = { EU = {} }
  }
  expect_failures = [var.regions]
}

run "no_region" {
  command = plan
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
    runtime = "python314"
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
  variables {
    model_bucket = { keep_versions = 0 }
  }
  expect_failures = [var.model_bucket]
}

run "a_short_soft_delete" {
  command = plan
  variables {
    model_bucket = { soft_delete_days = 3 }
  }
  expect_failures = [var.model_bucket]
}

run "no_address" {
  command = plan
  variables {
    alerts = { emails = ["oncall"] }
  }
  expect_failures = [var.alerts]
}

run "no_evidence" {
  command = plan
  variables {
    alerts = { min_failures = 0 }
  }
  expect_failures = [var.alerts]
}
