# What a company may require: secrets, a network, keys of its own.
mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  project    = "example-project"
  source_zip = "versions.tf" # any file will do
  alerts     = { emails = ["oncall@example.com"] }
}

run "none_by_default" {
  command = plan

  assert {
    condition = (
      google_cloudfunctions2_function.predict["europe-west1"].kms_key_name == null && length(google_storage_bucket.models.encryption) == 0
      && length(google_cloudfunctions2_function.predict["europe-west1"].service_config[0].secret_environment_variables) == 0
      && length(google_cloudfunctions2_function.predict["europe-west1"].service_config[0].direct_vpc_network_interface) == 0
    )
    error_message = "There must be no secrets, networks and keys by default."
  }

  assert {
    condition     = google_artifact_registry_repository.images["europe-west1"].repository_id == "taxiway"
    error_message = "The repository of images must have the name of the service."
  }
}

run "secrets" {
  command = plan
  variables {
    secrets = { API_TOKEN = "api-token", OTHER = "other:3" }
  }

  assert {
    condition = toset([for secret in google_cloudfunctions2_function.predict["europe-west1"].service_config[0].secret_environment_variables : join(" ", [secret.key, secret.project_id, secret.secret, secret.version])]) == toset([
      "API_TOKEN example-project api-token latest", "OTHER example-project other 3"
    ])
    error_message = "A secret must be an environment variable, of the latest version unless another is named."
  }
}

run "a_secret_that_is_a_setting" {
  command = plan
  variables {
    secrets = { MODEL_URI = "place" }
  }
  expect_failures = [var.secrets]
}

run "a_secret_by_its_path" {
  command = plan
  variables {
    secrets = { TOKEN = "projects/1/secrets/token/versions/latest" }
  }
  expect_failures = [var.secrets]
}

run "a_network" {
  command = plan
  variables {
    vpc = { network = "corp", subnetwork = "serverless", tags = ["taxiway"] }
  }

  assert {
    condition = (
      google_cloudfunctions2_function.predict["europe-west1"].service_config[0].direct_vpc_egress == "VPC_EGRESS_PRIVATE_RANGES_ONLY"
      && google_cloudfunctions2_function.predict["europe-west1"].service_config[0].direct_vpc_network_interface[0].network == "corp"
      && google_cloudfunctions2_function.predict["europe-west1"].service_config[0].direct_vpc_network_interface[0].subnetwork == "serverless"
      && google_cloudfunctions2_function.predict["europe-west1"].service_config[0].direct_vpc_network_interface[0].tags == tolist(["taxiway"])
    )
    error_message = "Requests to private addresses must go through the network."
  }
}

run "all_through_the_network" {
  command = plan
  variables {
    vpc = { network = "corp", subnetwork = "serverless", egress = "all" }
  }

  assert {
    condition     = google_cloudfunctions2_function.predict["europe-west1"].service_config[0].direct_vpc_egress == "VPC_EGRESS_ALL_TRAFFIC"
    error_message = "All requests must go through the network."
  }
}

run "an_unknown_egress" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    vpc = { network = "corp", subnetwork = "serverless", egress = "some" }
  }
  expect_failures = [var.vpc]
}

run "keys" {
  command = plan
  variables {
    encryption = {
      buckets = "projects/keys/locations/europe/keyRings/r/cryptoKeys/b"
      regions = { europe-west1 = "projects/keys/locations/europe-west1/keyRings/r/cryptoKeys/f" }
    }
  }

  assert {
    condition = alltrue([for key in [
      google_cloudfunctions2_function.predict["europe-west1"].kms_key_name, google_artifact_registry_repository.images["europe-west1"].kms_key_name
    ] : key == "projects/keys/locations/europe-west1/keyRings/r/cryptoKeys/f"])
    error_message = "The function and its images must have the key of their region."
  }

  assert {
    condition = alltrue([for bucket in [google_storage_bucket.models, google_storage_bucket.source] :
    bucket.encryption[0].default_kms_key_name == "projects/keys/locations/europe/keyRings/r/cryptoKeys/b"])
    error_message = "Both buckets must have their key."
  }

  assert {
    condition     = can(regex("^taxiway-[0-9a-f]{8}$", google_artifact_registry_repository.images["europe-west1"].repository_id))
    error_message = "A repository with another key must have another name, so that both can exist while one replaces the other."
  }
}

run "a_region_without_a_key" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    encryption = { buckets = "projects/keys/locations/europe/keyRings/r/cryptoKeys/b", regions = {} }
  }
  expect_failures = [var.encryption]
}

run "a_key_of_another_region" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    encryption = {
      buckets = "projects/keys/locations/europe/keyRings/r/cryptoKeys/b"
      regions = { europe-west1 = "projects/keys/locations/us-central1/keyRings/r/cryptoKeys/f" }
    }
  }
  expect_failures = [var.encryption]
}

run "a_key_far_from_the_buckets" {
  command = plan
  module {
    source = "./options"
  }
  variables {
    encryption = {
      buckets = "projects/keys/locations/us/keyRings/r/cryptoKeys/b"
      regions = { europe-west1 = "projects/keys/locations/europe-west1/keyRings/r/cryptoKeys/f" }
    }
  }
  expect_failures = [var.encryption]
}
