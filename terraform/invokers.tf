# The identities that may call the function. The deployer may without a grant, by its role roles/run.admin on the project;
# the uptime check is in uptime.tf.
locals {
  invokers = toset(concat(var.invokers, var.allow_unauthenticated ? ["allUsers"] : []))
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = { for pair in setproduct(keys(local.regions), local.invokers) : join(" ", pair) => { region = pair[0], member = pair[1] } }

  project  = var.project
  location = each.value.region
  # Derived from the id, so that a function that is replaced gets its invokers again.
  name   = basename(google_cloudfunctions2_function.predict[each.value.region].id)
  role   = "roles/run.invoker"
  member = each.value.member
}
