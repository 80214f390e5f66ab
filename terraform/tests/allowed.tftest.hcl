mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  project    = "example-project"
  source_zip = "versions.tf" # any file will do
  alerts     = { emails = ["oncall@example.com"] }
}

run "a_small_instance" {
  command = plan
  variables {
    scaling     = { cpu = 0.08, memory = "512Mi", concurrency = 1 }
    environment = { MAX_MODEL_BYTES = "50000000" }
  }
}

run "a_half_instance" {
  command = plan
  variables {
    scaling     = { cpu = 0.5, memory = "1Gi", concurrency = 1 }
    environment = { MAX_MODEL_BYTES = "159383552" } # a fifth of 760Mi, and 8Mi for a body
  }
}

run "one_cpu_at_its_bound" {
  command = plan
  variables {
    scaling     = { cpu = 1, memory = "4096Mi", concurrency = 1000 }
    environment = { MAX_BODY_BYTES = "2684354" } # 2560Mi for a thousand
  }
}

run "the_largest_instance" {
  command = plan
  variables {
    scaling = { cpu = 8, memory = "32Gi", min_instances = 2, max_instances = 2 }
  }
}

run "one_worker_with_two_cpus" {
  command = plan
  variables {
    scaling     = { cpu = 2, memory = "2Gi" }
    environment = { WORKERS = "1" }
  }
}

run "many_regions" {
  command = plan
  variables {
    regions               = { europe-west12 = {}, northamerica-northeast1 = {}, me-central2 = {}, us-east5 = {} }
    allow_unauthenticated = true
    load_balancer         = { domain = "delays.example.com" }
  }
}

run "the_highest_goals" {
  command = plan
  variables {
    latency_goal      = 0.9999
    availability_goal = 0.9999
  }
}
