# The two frontends of the load balancer: HTTPS, and HTTP, which redirects to HTTPS. Each has a rule for each address.
resource "google_compute_url_map" "https" {
  count = local.one_if

  project         = var.project
  name            = var.name
  default_service = google_compute_backend_service.function[0].id
}

# TLS 1.2 or later, with the ciphers that current clients support.
resource "google_compute_ssl_policy" "https" {
  count = local.one_if

  project         = var.project
  name            = var.name
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_target_https_proxy" "https" {
  count = local.one_if

  project          = var.project
  name             = var.name
  url_map          = google_compute_url_map.https[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.domain[0].id]
  ssl_policy       = google_compute_ssl_policy.https[0].id
}

resource "google_compute_global_forwarding_rule" "https" {
  count = local.one_if

  project               = var.project
  name                  = var.name
  ip_address            = google_compute_global_address.load_balancer[0].id
  load_balancing_scheme = "EXTERNAL_MANAGED"
  port_range            = "443"
  target                = google_compute_target_https_proxy.https[0].id
}

resource "google_compute_global_forwarding_rule" "https_ipv6" {
  count = local.ipv6

  project               = var.project
  name                  = "${var.name}-ipv6"
  ip_address            = google_compute_global_address.ipv6[0].id
  load_balancing_scheme = "EXTERNAL_MANAGED"
  port_range            = "443"
  target                = google_compute_target_https_proxy.https[0].id
}

# Status 308 redirects a POST as a POST.
resource "google_compute_url_map" "http" {
  count = local.one_if

  project = var.project
  name    = "${var.name}-http"

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "PERMANENT_REDIRECT"
    strip_query            = false
  }
}

resource "google_compute_target_http_proxy" "http" {
  count = local.one_if

  project = var.project
  name    = "${var.name}-http"
  url_map = google_compute_url_map.http[0].id
}

resource "google_compute_global_forwarding_rule" "http" {
  count = local.one_if

  project               = var.project
  name                  = "${var.name}-http"
  ip_address            = google_compute_global_address.load_balancer[0].id
  load_balancing_scheme = "EXTERNAL_MANAGED"
  port_range            = "80"
  target                = google_compute_target_http_proxy.http[0].id
}

resource "google_compute_global_forwarding_rule" "http_ipv6" {
  count = local.ipv6

  project               = var.project
  name                  = "${var.name}-http-ipv6"
  ip_address            = google_compute_global_address.ipv6[0].id
  load_balancing_scheme = "EXTERNAL_MANAGED"
  port_range            = "80"
  target                = google_compute_target_http_proxy.http[0].id
}
