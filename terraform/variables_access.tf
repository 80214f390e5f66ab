variable "invokers" {
  description = "Who may call the function, besides the deployer and the uptime check: user:, group:, serviceAccount:, domain: or principal members."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.invokers : !contains(["allUsers", "allAuthenticatedUsers"], member)])
    error_message = "allUsers and allAuthenticatedUsers are anybody on the internet: if that is meant, say allow_unauthenticated = true."
  }

  validation {
    condition     = alltrue([for member in var.invokers : can(regex("^((user|group|serviceAccount):[^@: ]+@[^@: ]+|domain:[^@: ]+|principal(Set)?://.+|all(Authenticated)?Users)$", member))])
    error_message = "An invoker is written with its kind, such as user:me@example.com, group:, serviceAccount:, domain:example.com, principal:// or principalSet://."
  }
}

variable "allow_unauthenticated" {
  description = "Let anybody on the internet call the function. An organization's policy may forbid it."
  type        = bool
  default     = false
}
