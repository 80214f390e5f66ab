variable "load_balancer" {
  description = "Global load balancer: one HTTPS address for all regions at a domain, whose A record must be the output `address`. requests_per_minute is the rate limit of each client address. closed = false keeps the URLs of the regions reachable too. ipv6 adds an IPv6 address, the output `address_ipv6`, for an AAAA record. log_sample_rate is the share of requests that the load balancer logs, from 0 to 1."
  type = object({
    domain              = string
    requests_per_minute = optional(number, 6000)
    closed              = optional(bool, true)
    ipv6                = optional(bool, true)
    log_sample_rate     = optional(number, 0.01)
  })
  default = null

  validation {
    condition     = var.load_balancer == null ? true : can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]*[a-z0-9]$", var.load_balancer.domain))
    error_message = "domain must be a domain name in lower case, such as delays.example.com: no https://, no path, no *."
  }

  validation {
    condition     = var.load_balancer == null ? true : var.load_balancer.requests_per_minute >= 1 && var.load_balancer.requests_per_minute <= 1000000 && floor(var.load_balancer.requests_per_minute) == var.load_balancer.requests_per_minute
    error_message = "requests_per_minute, the rate limit of one client address, must be a whole number from 1 to 1000000."
  }

  validation {
    condition     = var.load_balancer == null ? true : var.allow_unauthenticated || !var.load_balancer.closed
    error_message = "load_balancer: a private function must have closed = false, or the uptime check fails: the audience of its identity token is the host that it checks (the domain), but Cloud Run accepts only its own URL as audience. Set closed = false, or allow_unauthenticated = true."
  }

  validation {
    condition     = var.load_balancer == null ? true : var.load_balancer.log_sample_rate >= 0 && var.load_balancer.log_sample_rate <= 1
    error_message = "log_sample_rate, the share of requests that the load balancer logs, must be from 0 to 1."
  }
}
