mock_provider "google" {
  override_during = plan

  mock_resource "google_service_account" {
    defaults = {
      name   = "projects/example-project/serviceAccounts/taxiway-deployer@example-project.iam.gserviceaccount.com"
      email  = "taxiway-deployer@example-project.iam.gserviceaccount.com"
      member = "serviceAccount:taxiway-deployer@example-project.iam.gserviceaccount.com"
    }
  }

  mock_resource "google_iam_workload_identity_pool" {
    defaults = {
      name = "projects/123456789012/locations/global/workloadIdentityPools/taxiway-github"
    }
  }

  mock_resource "google_iam_workload_identity_pool_provider" {
    defaults = {
      name = "projects/123456789012/locations/global/workloadIdentityPools/taxiway-github/providers/mocked"
    }
  }
}

variables {
  project = "example-project"
  github  = { owner_id = "1234567", repository_id = "7654321" }
}

run "there_are_two_identity_providers" {
  command = plan

  assert {
    condition     = toset(keys(google_iam_workload_identity_pool_provider.github)) == toset(["planner", "deployer"])
    error_message = "The identity providers must be planner and deployer."
  }

  assert {
    condition = alltrue([
      for provider in google_iam_workload_identity_pool_provider.github :
      strcontains(provider.attribute_condition, "assertion.repository_owner_id == \"1234567\" && assertion.repository_id == \"7654321\"")
      && !strcontains(provider.attribute_condition, "||")
    ])
    error_message = "No identity provider may accept another repository."
  }

  assert {
    condition     = endswith(google_iam_workload_identity_pool_provider.github["deployer"].attribute_condition, "&& assertion.ref == \"refs/heads/main\" && assertion.event_name in [\"push\", \"schedule\", \"workflow_dispatch\"]")
    error_message = "The deployer's identity provider must accept only main, and only events that a stranger can't cause."
  }

  assert {
    condition = (
      google_service_account_iam_member.deployer_is_github[0].member == "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/taxiway-github/attribute.provider/deployer-7654321"
      && google_iam_workload_identity_pool_provider.github["planner"].attribute_mapping["attribute.provider"] == "\"planner-\" + assertion.repository_id"
      && google_iam_workload_identity_pool_provider.github["deployer"].attribute_mapping["attribute.provider"] == "\"deployer-\" + assertion.repository_id"
    )
    error_message = "A token that the planner's provider accepted must not authenticate as the deployer."
  }
}

run "the_subject_is_short_whatever_the_repository_is_called" {
  command = plan

  assert {
    condition = alltrue([for provider in google_iam_workload_identity_pool_provider.github :
    provider.attribute_mapping["google.subject"] == "assertion.repository_id + \":\" + assertion.run_id"])
    error_message = "A subject has at most 127 bytes, and names of repositories and branches may be longer."
  }
}

run "without_github" {
  command = plan
  variables {
    github = null
  }

  assert {
    condition = (
      length(google_iam_workload_identity_pool.github) + length(google_iam_workload_identity_pool_provider.github) + length(google_service_account.planner)
      + length(google_project_iam_member.planner) + length(google_service_account_iam_member.deployer_is_github) == 0
      && output.github_variables == null
    )
    error_message = "Without GitHub there must be no federation and no planner."
  }

  assert {
    condition     = output.state_bucket == "example-project-taxiway-state" && google_service_account.build.account_id == "taxiway-build" && google_service_account.deployer.account_id == "taxiway-deployer"
    error_message = "The state bucket and the accounts that the root module names must exist."
  }
}

run "the_deployer_may_rename_accounts" {
  command = plan

  assert {
    condition     = google_project_iam_custom_role.account_editor.permissions == toset(["iam.serviceAccounts.update"]) && google_project_iam_member.deployer_edits_accounts.member == google_service_account.deployer.member
    error_message = "The deployer must be able to change the runtime account, and no account's policy."
  }
}

run "a_misspelt_option_of_github" {
  command = plan
  variables {
    github = { owner_id = "1234567", repository_id = "7654321", brnch = "release" }
  }
  expect_failures = [var.github]
}

run "no_repository" {
  command = plan
  variables {
    github = { owner_id = "1234567" }
  }
  expect_failures = [var.github]
}

run "the_branch_may_be_another" {
  command = plan
  variables {
    github = { owner_id = "1234567", repository_id = "7654321", branch = "release" }
  }

  assert {
    condition     = strcontains(google_iam_workload_identity_pool_provider.github["deployer"].attribute_condition, "\"refs/heads/release\"")
    error_message = "The deployer's identity provider must accept the given branch."
  }
}

run "what_is_not_made_needs_no_rights" {
  command = plan

  assert {
    condition     = length([for name in concat(keys(google_project_iam_member.deployer), keys(google_project_service.needed)) : name if can(regex("compute|bigquery", name))]) == 0
    error_message = "Without extras there must be no roles or APIs of Compute and BigQuery."
  }
}

run "a_load_balancer_needs_compute" {
  command = plan
  variables {
    extras = ["load_balancer"]
  }

  assert {
    condition = (
      toset([for role in keys(google_project_iam_member.deployer) : role if can(regex("compute|bigquery", role))]) == toset(["roles/compute.loadBalancerAdmin", "roles/compute.securityAdmin"])
      && contains(keys(google_project_service.needed), "compute") && !contains(keys(google_project_service.needed), "bigquery")
    )
    error_message = "The extra must add two roles and its APIs."
  }
}

run "bigquery_needs_its_connection" {
  command = plan
  variables {
    extras = ["bigquery"]
  }

  assert {
    condition = (
      toset([for role in keys(google_project_iam_member.deployer) : role if can(regex("compute|bigquery", role))]) == toset(["roles/bigquery.connectionAdmin", "roles/bigquery.dataOwner"])
      && length(setsubtract(["bigquery", "bigqueryconnection"], keys(google_project_service.needed))) == 0 && !contains(keys(google_project_service.needed), "compute")
    )
    error_message = "The extra must add two roles and its APIs."
  }
}

run "secrets_keys_and_networks" {
  command = plan
  variables {
    extras = ["secrets", "vpc", "encryption"]
  }

  assert {
    condition = (
      length(setsubtract(["secretmanager", "cloudkms", "compute"], keys(google_project_service.needed))) == 0
      && toset([for role in keys(google_project_iam_member.deployer) : role if can(regex("compute|secret|kms", role))]) == toset(["roles/compute.networkUser"])
    )
    error_message = "The deployer may use subnetworks, but read neither secrets nor keys."
  }
}

run "an_unknown_extra" {
  command = plan
  variables {
    extras = ["compute"]
  }
  expect_failures = [var.extras]
}

run "the_deployer_can_not_grant_roles_on_the_project" {
  command = plan
  variables {
    extras = ["load_balancer", "bigquery"]
  }

  # What these hold: resourcemanager.projects.setIamPolicy, or leave to make a role or a key that does.
  assert {
    condition = length(setintersection(keys(google_project_iam_member.deployer), [
      "roles/owner", "roles/editor", "roles/resourcemanager.projectIamAdmin", "roles/iam.securityAdmin", "roles/iam.roleAdmin",
      "roles/iam.organizationRoleAdmin", "roles/iam.admin", "roles/iam.serviceAccountAdmin", "roles/iam.serviceAccountKeyAdmin",
      "roles/iam.serviceAccountTokenCreator", "roles/iam.workloadIdentityPoolAdmin", "roles/resourcemanager.organizationAdmin",
      "roles/resourcemanager.folderAdmin", "roles/resourcemanager.folderIamAdmin",
    ])) == 0
    error_message = "The deployer must not hold a role that can grant roles on the project."
  }

  assert {
    condition     = alltrue([for role in keys(google_project_iam_member.deployer) : startswith(role, "roles/")])
    error_message = "The deployer must hold only predefined roles."
  }
}

run "the_deployer_can_create_tokens_only_for_itself" {
  command = plan

  assert {
    condition = (
      google_service_account_iam_member.deployer_identifies_itself.service_account_id == google_service_account.deployer.name
      && google_service_account_iam_member.deployer_identifies_itself.member == google_service_account.deployer.member
      && google_service_account_iam_member.deployer_identifies_itself.role == "roles/iam.serviceAccountOpenIdTokenCreator"
    )
    error_message = "The deployer must be able to create identity tokens of its own account only."
  }
}

run "github_variables_are_printed" {
  command = plan

  assert {
    condition     = alltrue([for line in split("\n", trimspace(output.github_variables)) : can(regex("^[A-Z_]+=[^ =]+$", line))])
    error_message = "Each variable must be a line NAME=VALUE."
  }

  assert {
    condition     = strcontains(output.github_variables, "SERVICE_NAME=taxiway\n")
    error_message = "The root module must get the same name."
  }
}

run "the_planner_writes_nothing" {
  command = plan

  assert {
    condition     = toset(keys(google_project_iam_member.planner)) == toset(["roles/viewer", "roles/iam.securityReviewer"])
    error_message = "The planner must have read-only roles."
  }
}

run "the_state_outlives_destroy" {
  command = plan

  assert {
    condition = (
      google_storage_bucket.state.deletion_policy == "ABANDON" && google_storage_bucket.state.versioning[0].enabled
      && google_storage_bucket.state.uniform_bucket_level_access && google_storage_bucket.state.public_access_prevention == "enforced"
    )
    error_message = "The state bucket must be private, versioned and not deleted."
  }

  assert {
    condition     = alltrue([for service in google_project_service.needed : service.disable_on_destroy == false])
    error_message = "Services must stay enabled."
  }
}

run "a_repository_by_name_is_refused" {
  command = plan
  variables {
    github = { owner_id = "octocat", repository_id = "7654321" }
  }
  expect_failures = [var.github]
}

run "a_ref_is_no_branch" {
  command = plan
  variables {
    github = { owner_id = "1234567", repository_id = "7654321", branch = "refs/heads/main" }
  }
  expect_failures = [var.github]
}

run "a_condition_can_not_be_smuggled_in" {
  command = plan
  variables {
    github = { owner_id = "1234567", repository_id = "7654321", branch = "main\" || \"\" == \"" }
  }
  expect_failures = [var.github]
}

run "a_project_number_is_refused" {
  command = plan
  variables {
    project = "123456789012"
  }
  expect_failures = [var.project]
}

run "production_is_an_environment" {
  command = plan
  variables {
    github = { owner_id = "1234567", repository_id = "7654321", environment = "production" }
  }

  assert {
    condition     = endswith(google_iam_workload_identity_pool_provider.github["deployer"].attribute_condition, "\"workflow_dispatch\"] && assertion.environment in [\"production\", \"production-rollback\"]")
    error_message = "The deployer's identity provider must accept only jobs in production, and its rollback."
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.github["planner"].attribute_condition == "assertion.repository_owner_id == \"1234567\" && assertion.repository_id == \"7654321\""
    error_message = "A pull request is in no environment."
  }

  assert {
    condition     = length(regexall("(?m)^(?:DEPLOYER|PLANNER)(?:_PROVIDER)?=", output.github_variables)) == 4 && strcontains(output.github_variables, "\nSERVICE_NAME=taxiway\n")
    error_message = "Production's variables must be those of a repository with one environment."
  }
}

run "staging_is_another_environment" {
  command = plan
  variables {
    github = { owner_id = "1234567", repository_id = "7654321", environment = "staging" }
  }

  assert {
    condition     = endswith(google_iam_workload_identity_pool_provider.github["deployer"].attribute_condition, "&& assertion.environment in [\"staging\", \"staging-rollback\"]")
    error_message = "The deployer's identity provider must accept only jobs in staging, and its rollback."
  }

  assert {
    condition = (
      toset(keys(google_iam_workload_identity_pool_provider.github)) == toset(["deployer"])
      && length(google_service_account.planner) + length(google_project_iam_member.planner) == 0
    )
    error_message = "Pull requests are planned for production: staging needs no planner."
  }

  assert {
    condition     = toset([for line in split("\n", trimspace(output.github_variables)) : split("=", line)[0]]) == toset(["STAGING_DEPLOYER", "STAGING_DEPLOYER_PROVIDER", "STAGING_SERVICE_NAME"])
    error_message = "Staging's variables must not replace production's."
  }
}

run "another_environment_is_refused" {
  command = plan
  variables {
    github = { owner_id = "1234567", repository_id = "7654321", environment = "qa" }
  }
  expect_failures = [var.github]
}
