resource "google_monitoring_notification_channel" "email" {
  for_each = local.alerts.emails

  project      = var.project
  display_name = "${var.name}: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
}

# A warning: nobody would notice that the service is down.
check "somebody_is_alerted" {
  assert {
    condition     = length(local.alerts.emails) > 0
    error_message = "Nobody gets the alerts: set alerts = { emails = [\"oncall@example.com\"] }."
  }
}

locals {
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.name]

  # The address of the remote repository, without a token that it may contain: https://HOST/OWNER/REPOSITORY. A list of one,
  # or of none.
  git_config = "${path.module}/../.git/config"
  origin     = fileexists(local.git_config) ? flatten(regexall("\\[remote \"origin\"\\][^\\[]*?url *= *(\\S+)", file(local.git_config))) : []
  repository = [
    for parts in flatten([for url in local.origin : regexall("^(?:https://(?:[^@/]*@)?|ssh://git@|git@)(?P<host>[^:/]+)[:/](?P<path>.+?)(?:\\.git)?/?$", url)]) :
    "https://${parts.host}/${parts.path}"
  ]
  runbook = coalesce(var.runbook, one([for url in local.repository : "${url}/blob/HEAD/docs/runbook.md"]), "docs/runbook.md")

  # The end of each alert's text, for the anchor of its section.
  what_to_do = startswith(local.runbook, "https://") ? "[What to do](${local.runbook}#%s)" : "What to do: ${local.runbook}#%s"
}
