# The service account of the function. Its only role is in models.tf.
resource "google_service_account" "runtime" {
  project      = var.project
  account_id   = "${var.name}-runtime"
  display_name = "${var.name}: function"
}
