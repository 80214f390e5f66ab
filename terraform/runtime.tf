# What the function runs as. Its one grant is in models.tf.
resource "google_service_account" "runtime" {
  project      = var.project
  account_id   = "${var.name}-runtime"
  display_name = "${var.name}: what the function runs as"
}
