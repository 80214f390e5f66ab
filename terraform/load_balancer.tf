# One address for all regions: a request goes to the nearest one that answers.
#
#   address :443 -> proxy with the certificate -> routes -> function -> an endpoint group in each region -> its function
#           :80  -> proxy -> the same address by HTTPS
locals {
  balanced = var.load_balancer != null
  closed   = local.balanced ? var.load_balancer.closed : false
  domain   = local.balanced ? var.load_balancer.domain : ""
  one_if   = local.balanced ? 1 : 0
}

resource "google_compute_global_address" "load_balancer" {
  count = local.one_if

  project = var.project
  name    = var.name
}

# Made anew for another domain, and before the other goes: its name is the domain's.
resource "google_compute_managed_ssl_certificate" "domain" {
  count = local.one_if

  project = var.project
  name    = "${var.name}-${substr(sha256(local.domain), 0, 8)}"

  managed {
    domains = [local.domain]
  }

  lifecycle {
    create_before_destroy = true
  }
}

# A region that goes is first taken out of the backend service, which holds on to its group: a plain deletion would come
# before that, and be refused.
resource "google_compute_region_network_endpoint_group" "function" {
  for_each = local.balanced ? var.regions : {}

  project               = var.project
  region                = each.key
  name                  = var.name
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloudfunctions2_function.predict[each.key].name
  }

  lifecycle {
    create_before_destroy = true
  }
}

# No timeout, port or health check: Google refuses them where the backends are serverless.
resource "google_compute_backend_service" "function" {
  count = local.one_if

  project               = var.project
  name                  = var.name
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.clients[0].id

  dynamic "backend" {
    for_each = google_compute_region_network_endpoint_group.function

    content {
      group = backend.value.id
    }
  }

  # In place of health checks: a region that fails five times in a row gets nothing for half a minute, then longer.
  # Where there is one, there is no other to go to.
  dynamic "outlier_detection" {
    for_each = length(var.regions) > 1 ? [5] : []

    content {
      consecutive_errors           = outlier_detection.value
      enforcing_consecutive_errors = 100
      max_ejection_percent         = 50

      interval {
        seconds = 1
      }

      base_ejection_time {
        seconds = 30
      }
    }
  }
}

# One client can't use up what all share.
resource "google_compute_security_policy" "clients" {
  count = local.one_if

  project     = var.project
  name        = var.name
  description = "What a client of ${var.name} may ask"

  rule {
    priority    = 1000
    action      = "throttle"
    description = "So many requests a minute of one address, 429 past it"

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.load_balancer.requests_per_minute
        interval_sec = 60
      }
    }
  }

  rule {
    priority    = 2147483647
    action      = "allow"
    description = "Everybody else"

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}
