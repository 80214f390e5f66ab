variable "availability_goal" {
  description = "The share of requests that must not fail (5xx), over 28 days. A single region has no margin: Google promises 99.95 % itself."
  type        = number
  default     = 0.9995

  validation {
    condition     = var.availability_goal > 0 && var.availability_goal <= 0.9999
    error_message = "A goal is a share above 0 and up to 0.9999, such as 0.9995 for 99.95 %: a goal of 1 or more leaves no error budget to alert on."
  }
}

variable "latency_goal" {
  description = "The share of successful requests that must take less than latency_threshold_ms, over 28 days."
  type        = number
  default     = 0.95

  validation {
    condition     = var.latency_goal > 0 && var.latency_goal <= 0.9999
    error_message = "A goal is a share above 0 and up to 0.9999, such as 0.95 for 95 %: a goal of 1 or more leaves no error budget to alert on. Milliseconds are latency_threshold_ms."
  }
}

variable "latency_threshold_ms" {
  description = "What latency_goal speaks of, in milliseconds."
  type        = number
  default     = 200

  validation {
    condition     = var.latency_threshold_ms > 0 && var.latency_threshold_ms <= 60000
    error_message = "latency_threshold_ms is above 0 and up to 60000 milliseconds, after which a request is cut off."
  }
}

variable "alerts" {
  description = "Who gets mail, and what a window must have seen before its burn rate says anything: min_failures for availability, min_requests for latency."
  type = object({
    emails       = optional(set(string), [])
    min_failures = optional(number, 3)
    min_requests = optional(number, 20)
  })
  default = {}

  validation {
    condition     = alltrue([for address in var.alerts.emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "emails are addresses, such as oncall@example.com."
  }

  validation {
    condition     = var.alerts.min_failures >= 1 && var.alerts.min_requests >= 1
    error_message = "min_failures and min_requests are at least 1: where nothing happened nothing burns."
  }
}

variable "runbook" {
  description = "Where docs/runbook.md is read, of which each alert links the section that is about it: https://github.com/OWNER/REPOSITORY/blob/main/docs/runbook.md."
  type        = string
  default     = "docs/runbook.md"

  validation {
    condition     = can(regex("^[^#\\s)]+\\.md$", var.runbook))
    error_message = "runbook is where docs/runbook.md is read, without the section: https://github.com/OWNER/REPOSITORY/blob/main/docs/runbook.md."
  }
}
