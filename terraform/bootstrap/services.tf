# The APIs to enable before anything else is created. Destroy leaves them enabled, because others may use them.
# serviceusage and cloudresourcemanager must be enabled for Terraform to enable the rest:
#   gcloud services enable serviceusage.googleapis.com cloudresourcemanager.googleapis.com
resource "google_project_service" "needed" {
  for_each = setunion(
    [
      "artifactregistry", "cloudbuild", "cloudfunctions", "cloudresourcemanager", "iam", "iamcredentials",
      "logging", "monitoring", "run", "serviceusage", "storage", "sts",
    ],
    length(setintersection(var.extras, ["load_balancer", "vpc"])) > 0 ? ["compute"] : [],
    contains(var.extras, "secrets") ? ["secretmanager"] : [],
    contains(var.extras, "encryption") ? ["cloudkms"] : [],
    contains(var.extras, "bigquery") ? ["bigquery", "bigqueryconnection"] : [],
  )

  project            = var.project
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}
