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

variable "load_balancer" {
  description = "One address for all regions, with HTTPS for a domain whose A record is the output `address`; each client gets so many requests a minute. closed = false lets the regions' own URLs answer too."
  type = object({
    domain              = string
    requests_per_minute = optional(number, 6000)
    closed              = optional(bool, true)
  })
  default = null

  validation {
    condition     = var.load_balancer == null ? true : can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]*[a-z0-9]$", var.load_balancer.domain))
    error_message = "domain is one that the certificate is for, in lower case, such as delays.example.com: no https://, no path, no *."
  }

  validation {
    condition     = var.load_balancer == null ? true : var.load_balancer.requests_per_minute >= 1 && var.load_balancer.requests_per_minute <= 1000000 && floor(var.load_balancer.requests_per_minute) == var.load_balancer.requests_per_minute
    error_message = "requests_per_minute, what one client address gets before it is told to wait (429), is a whole number from 1 to 1000000."
  }

  validation {
    condition     = var.load_balancer == null ? true : var.allow_unauthenticated || !var.load_balancer.closed
    error_message = "The uptime check can't ask a private function that only the load balancer leads to: its identity token is made out to the host that it asks, the domain, and Cloud Run takes only those for its own URL. Say closed = false, so that it asks that URL, or allow_unauthenticated = true."
  }
}
