variable "availability_goal" {
  description = "Availability objective: the share of requests over 28 days that must not fail (5xx, or 429 of Cloud Run). Google's own objective for a single region is 99.95 %, which leaves no margin."
  type        = number
  default     = 0.9995

  validation {
    condition     = var.availability_goal > 0 && var.availability_goal <= 0.9999
    error_message = "availability_goal must be a share above 0 and up to 0.9999, such as 0.9995 for 99.95 %: a goal of 1 or more leaves no error budget."
  }
}

variable "latency_goal" {
  description = "Latency objective: the share of requests over 28 days, client errors left out, that must take less than latency_threshold_ms."
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

variable "runbook" {
  description = "URL of docs/runbook.md; each alert links to its section. If null, where the remote repository `origin` shows it."
  type        = string
  default     = null

  validation {
    condition     = var.runbook == null ? true : can(regex("^[^#\\s)]+\\.md$", var.runbook))
    error_message = "runbook must be the URL or path of docs/runbook.md without a section: https://github.com/OWNER/REPOSITORY/blob/HEAD/docs/runbook.md."
  }
}
