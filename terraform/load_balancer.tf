# A global load balancer: one address for all regions. A request goes to the nearest region that responds.
#
#   address :443 -> proxy with the certificate -> routes -> function -> an endpoint group in each region -> its function
#           :80  -> proxy -> redirect to the same address with HTTPS
locals {
  balanced = local.load_balancer != null
  closed   = local.balanced ? local.load_balancer.closed : false
  domain   = local.balanced ? local.load_balancer.domain : ""
  one_if   = local.balanced ? 1 : 0
  ipv6     = local.balanced ? (local.load_balancer.ipv6 ? 1 : 0) : 0
}

resource "google_compute_global_address" "load_balancer" {
  count = local.one_if

  project = var.project
  name    = var.name
}

resource "google_compute_global_address" "ipv6" {
  count = local.ipv6

  project    = var.project
  name       = "${var.name}-ipv6"
  ip_version = "IPV6"
}

# A change of the domain replaces the certificate, the new one first: therefore its name depends on the domain.
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

# The backend service uses the endpoint group of each region. With create_before_destroy a removed region is first
# removed from the backend service; otherwise Google would refuse to delete a group that is in use.
resource "google_compute_region_network_endpoint_group" "function" {
  for_each = local.balanced ? local.regions : {}

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

# No timeout, port or health check: Google refuses them for serverless backends.
resource "google_compute_backend_service" "function" {
  count = local.one_if

  project               = var.project
  name                  = var.name
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.clients[0].id

  log_config {
    enable      = local.load_balancer.log_sample_rate > 0
    sample_rate = local.load_balancer.log_sample_rate > 0 ? local.load_balancer.log_sample_rate : null
  }

  dynamic "backend" {
    for_each = google_compute_region_network_endpoint_group.function

    content {
      group = backend.value.id
    }
  }

  # Outlier detection instead of health checks: a region that fails five times in a row gets no requests for 30 seconds,
  # and for longer each time. With a single region there is nowhere else to send requests.
  dynamic "outlier_detection" {
    for_each = length(local.regions) > 1 ? [5] : []

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

# A rate limit per client address, so that one client can't use up the capacity of all.
resource "google_compute_security_policy" "clients" {
  count = local.one_if

  project     = var.project
  name        = var.name
  description = "Rate limit for clients of ${var.name}"

  rule {
    priority    = 1000
    action      = "throttle"
    description = "Limit requests per minute and client address; more get 429"

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
        count        = local.load_balancer.requests_per_minute
        interval_sec = 60
      }
    }
  }

  rule {
    priority    = 2147483647
    action      = "allow"
    description = "Default rule: allow"

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}
