resource "google_monitoring_notification_channel" "email" {
  for_each = var.alerts.emails

  project      = var.project
  display_name = "${var.name}: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
}

locals {
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.name]
}
