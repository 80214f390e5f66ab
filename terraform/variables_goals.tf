variable "availability_goal" {
  description = "Availability objective: the share of requests over 28 days that must not fail (5xx). Google's own objective for a single region is 99.95 %, which leaves no margin."
  type        = number
  default     = 0.9995

  validation {
    condition     = var.availability_goal > 0 && var.availability_goal <= 0.9999
    error_message = "availability_goal must be a share above 0 and up to 0.9999, such as 0.9995 for 99.95 %: a goal of 1 or more leaves no error budget."
  }
}

variable "latency_goal" {
  description = "Latency objective: the share of successful requests over 28 days that must take less than latency_threshold_ms."
  type        = number
  default     = 0.95

  validation {
    condition     = var.latency_goal > 0 && var.latency_goal <= 0.9999
    error_message = "latency_goal must be a share above 0 and up to 0.9999, such as 0.95 for 95 %: a goal of 1 or more leaves no error budget. For milliseconds use latency_threshold_ms."
  }
}

variable "latency_threshold_ms" {
  description = "Latency in milliseconds for latency_goal."
  type        = number
  default     = 200

  validation {
    condition     = var.latency_threshold_ms > 0 && var.latency_threshold_ms <= 60000
    error_message = "latency_threshold_ms must be above 0 and up to 60000, the timeout of a request in milliseconds."
  }
}

variable "alerts" {
  description = "E-mail addresses that get alerts, and the fewest failures (availability) and requests (latency) in a window before its burn rate alerts."
  type = object({
    emails       = optional(set(string), [])
    min_failures = optional(number, 3)
    min_requests = optional(number, 20)
  })
  default = {}

  validation {
    condition     = alltrue([for address in var.alerts.emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "alerts.emails must be e-mail addresses, such as oncall@example.com."
  }

  validation {
    condition     = var.alerts.min_failures >= 1 && var.alerts.min_requests >= 1
    error_message = "alerts.min_failures and alerts.min_requests must be at least 1."
  }
}

variable "runbook" {
  description = "URL of docs/runbook.md; each alert links to its section: https://github.com/OWNER/REPOSITORY/blob/main/docs/runbook.md."
  type        = string
  default     = "docs/runbook.md"

  validation {
    condition     = can(regex("^[^#\\s)]+\\.md$", var.runbook))
    error_message = "runbook must be the URL or path of docs/runbook.md without a section: https://github.com/OWNER/REPOSITORY/blob/main/docs/runbook.md."
  }
}
