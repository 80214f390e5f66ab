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

run "each_workflow_has_its_own_door" {
  command = plan

  assert {
    condition     = toset(keys(google_iam_workload_identity_pool_provider.github)) == toset(["planner", "deployer"])
    error_message = "There are two doors."
  }

  assert {
    condition = alltrue([
      for door in google_iam_workload_identity_pool_provider.github :
      strcontains(door.attribute_condition, "assertion.repository_owner_id == \"1234567\" && assertion.repository_id == \"7654321\"")
      && !strcontains(door.attribute_condition, "||")
    ])
    error_message = "No door opens to another repository."
  }

  assert {
    condition     = endswith(google_iam_workload_identity_pool_provider.github["deployer"].attribute_condition, "&& assertion.ref == \"refs/heads/main\" && assertion.event_name in [\"push\", \"schedule\", \"workflow_dispatch\"]")
    error_message = "The deployer's door opens to main alone, and to no event that a stranger can cause."
  }

  assert {
    condition = (
      google_service_account_iam_member.deployer_is_github.member == "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/taxiway-github/attribute.door/deployer-7654321"
      && google_iam_workload_identity_pool_provider.github["planner"].attribute_mapping["attribute.door"] == "\"planner-\" + assertion.repository_id"
      && google_iam_workload_identity_pool_provider.github["deployer"].attribute_mapping["attribute.door"] == "\"deployer-\" + assertion.repository_id"
    )
    error_message = "Who came through the planner's door is not the deployer."
  }
}

run "the_branch_may_be_another" {
  command = plan
  variables {
    github = { owner_id = "1234567", repository_id = "7654321", branch = "release" }
  }

  assert {
    condition     = strcontains(google_iam_workload_identity_pool_provider.github["deployer"].attribute_condition, "\"refs/heads/release\"")
    error_message = "The deployer's door opens to the branch that is named."
  }
}

run "what_is_not_made_needs_no_rights" {
  command = plan

  assert {
    condition     = length([for name in concat(keys(google_project_iam_member.deployer), keys(google_project_service.needed)) : name if can(regex("compute|bigquery", name))]) == 0
    error_message = "A function alone needs neither Compute nor BigQuery."
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
    error_message = "And two roles for it."
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
    error_message = "And two roles for it."
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
    error_message = "The deployer holds a role that can grant roles on the project."
  }

  assert {
    condition     = alltrue([for role in keys(google_project_iam_member.deployer) : startswith(role, "roles/")])
    error_message = "The deployer holds predefined roles alone."
  }
}

run "the_deployer_can_be_itself_alone" {
  command = plan

  assert {
    condition = (
      google_service_account_iam_member.deployer_identifies_itself.service_account_id == google_service_account.deployer.name
      && google_service_account_iam_member.deployer_identifies_itself.member == google_service_account.deployer.member
      && google_service_account_iam_member.deployer_identifies_itself.role == "roles/iam.serviceAccountOpenIdTokenCreator"
    )
    error_message = "The deployer gets identity tokens of its own account."
  }
}

run "github_is_told_how_to_get_in" {
  command = plan

  assert {
    condition     = alltrue([for line in split("\n", trimspace(output.github_variables)) : can(regex("^[A-Z_]+=[^ =]+$", line))])
    error_message = "A variable is a line of NAME=VALUE."
  }

  assert {
    condition     = strcontains(output.github_variables, "SERVICE_NAME=taxiway\n")
    error_message = "The root module gets the same name."
  }
}

run "the_planner_writes_nothing" {
  command = plan

  assert {
    condition = (
      toset(keys(google_project_iam_member.planner)) == toset(["roles/viewer", "roles/iam.securityReviewer"])
      && google_storage_bucket_iam_member.planner_reads_state.role == "roles/storage.objectViewer"
    )
    error_message = "The planner reads."
  }
}

run "the_state_outlives_destroy" {
  command = plan

  assert {
    condition = (
      google_storage_bucket.state.deletion_policy == "ABANDON" && google_storage_bucket.state.versioning[0].enabled
      && google_storage_bucket.state.uniform_bucket_level_access && google_storage_bucket.state.public_access_prevention == "enforced"
    )
    error_message = "The state bucket is private, versioned and stays."
  }

  assert {
    condition     = alltrue([for service in google_project_service.needed : service.disable_on_destroy == false])
    error_message = "Services stay enabled."
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
