variable "alerts" {
  description = "E-mail addresses that get alerts, and the fewest failures (availability) and requests (latency) in a window before its burn rate alerts."
  type = object({
    emails       = optional(set(string), [])
    min_failures = optional(number, 3)
    min_requests = optional(number, 20)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for address in var.alerts.emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "alerts.emails must be e-mail addresses, such as oncall@example.com."
  }

  validation {
    condition     = var.alerts.min_failures >= 1 && var.alerts.min_requests >= 1
    error_message = "alerts.min_failures and alerts.min_requests must be at least 1."
  }
}
