variable "invokers" {
  description = "Members that may call the function, in addition to the deployer and the uptime check: user:, group:, serviceAccount:, domain:, principal:// or principalSet://."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.invokers : !contains(["allUsers", "allAuthenticatedUsers"], member)])
    error_message = "invokers must not contain allUsers or allAuthenticatedUsers, which mean anybody on the internet: for a public function, set allow_unauthenticated = true."
  }

  validation {
    condition     = alltrue([for member in var.invokers : can(regex("^((user|group|serviceAccount):[^@: ]+@[^@: ]+|domain:[^@: ]+|principal(Set)?://.+|all(Authenticated)?Users)$", member))])
    error_message = "Each of invokers must have a type prefix: user:me@example.com, group:..., serviceAccount:..., domain:example.com, principal://... or principalSet://...."
  }
}

variable "allow_unauthenticated" {
  description = "Whether anybody on the internet may call the function. A policy of your organization may forbid it."
  type        = bool
  default     = false
}
