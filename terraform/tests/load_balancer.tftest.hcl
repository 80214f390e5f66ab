mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  project    = "example-project"
  source_zip = "versions.tf" # any file will do
  alerts     = { emails = ["oncall@example.com"] }
}

run "none_by_default" {
  command = plan

  assert {
    condition = alltrue([for made in [
      google_compute_global_address.load_balancer, google_compute_managed_ssl_certificate.domain, google_compute_region_network_endpoint_group.function,
      google_compute_backend_service.function, google_compute_security_policy.clients, google_compute_url_map.https, google_compute_target_https_proxy.https,
      google_compute_global_forwarding_rule.https, google_compute_url_map.http, google_compute_target_http_proxy.http, google_compute_global_forwarding_rule.http,
      google_compute_global_address.ipv6, google_compute_global_forwarding_rule.https_ipv6, google_compute_global_forwarding_rule.http_ipv6, google_compute_ssl_policy.https,
    ] : length(made) == 0])
    error_message = "Without the variable load_balancer there must be no load balancer."
  }

  assert {
    condition     = google_cloudfunctions2_function.predict["europe-west1"].service_config[0].ingress_settings == "ALLOW_ALL"
    error_message = "Without a load balancer the function's own URL must be reachable."
  }
}

run "several_regions_at_one_domain" {
  command = plan
  variables {
    regions               = { europe-west1 = {}, us-central1 = {}, asia-east1 = {} }
    allow_unauthenticated = true
    load_balancer         = { domain = "delays.example.com", requests_per_minute = 1200 }
  }

  assert {
    condition = [for group in google_compute_region_network_endpoint_group.function : "${group.region} ${group.network_endpoint_type} ${group.cloud_run[0].service}"] == [
      "asia-east1 SERVERLESS taxiway", "europe-west1 SERVERLESS taxiway", "us-central1 SERVERLESS taxiway"
    ]
    error_message = "Each region must have an endpoint group for its function."
  }

  assert {
    condition = alltrue([for scheme in [
      google_compute_backend_service.function[0].load_balancing_scheme, google_compute_global_forwarding_rule.https[0].load_balancing_scheme,
      google_compute_global_forwarding_rule.http[0].load_balancing_scheme,
    ] : scheme == "EXTERNAL_MANAGED"])
    error_message = "All resources must have the same load balancing scheme."
  }

  assert {
    condition     = google_compute_backend_service.function[0].outlier_detection[0].consecutive_errors == 5 && google_compute_backend_service.function[0].outlier_detection[0].max_ejection_percent == 50
    error_message = "A failing region must be ejected, but never all regions."
  }

  assert {
    condition = (
      google_compute_global_forwarding_rule.https[0].port_range == "443" && google_compute_global_forwarding_rule.http[0].port_range == "80"
      && google_compute_url_map.http[0].default_url_redirect[0].https_redirect
      && google_compute_url_map.http[0].default_url_redirect[0].redirect_response_code == "PERMANENT_REDIRECT"
    )
    error_message = "HTTP must redirect to HTTPS with status 308, so that a POST stays a POST."
  }

  assert {
    condition = (
      google_compute_managed_ssl_certificate.domain[0].name == "taxiway-${substr(sha256("delays.example.com"), 0, 8)}"
      && google_compute_managed_ssl_certificate.domain[0].managed[0].domains == tolist(["delays.example.com"])
    )
    error_message = "The certificate's name must depend on the domain, so that the new one can be created before the old one is deleted."
  }

  assert {
    condition = {
      for rule in google_compute_security_policy.clients[0].rule : rule.priority => join(" ", concat([rule.action], [
        for options in rule.rate_limit_options : "${options.exceed_action} ${options.enforce_on_key} ${options.rate_limit_threshold[0].count} in ${options.rate_limit_threshold[0].interval_sec}"
      ]))
      } == {
      1000 = "throttle deny(429) IP 1200 in 60", 2147483647 = "allow"
    }
    error_message = "Each client must be rate-limited, and nobody blocked."
  }

  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.predict : function.service_config[0].ingress_settings == "ALLOW_INTERNAL_AND_GCLB"])
    error_message = "The functions must be reachable only through the load balancer."
  }

  assert {
    condition = (
      keys(google_monitoring_uptime_check_config.health) == ["domain"] && keys(google_monitoring_alert_policy.uptime) == ["domain"]
      && google_monitoring_uptime_check_config.health["domain"].monitored_resource[0].labels["host"] == "delays.example.com"
      && length(google_monitoring_uptime_check_config.health["domain"].http_check[0].service_agent_authentication) == 0
      && length(google_cloud_run_v2_service_iam_member.uptime) == 0
    )
    error_message = "The uptime check must use the domain, as callers do."
  }

  assert {
    condition     = output.url == "https://delays.example.com" && output.address == "203.0.113.7" && startswith(output.predict, "curl https://delays.example.com/predict -H 'Content-Type")
    error_message = "The output url must be the domain."
  }

  assert {
    condition     = contains([for tile in jsondecode(google_monitoring_dashboard.service.dashboard_json).mosaicLayout.tiles : tile.widget.title], "Requests per second at the domain, by status class")
    error_message = "The dashboard must show requests at the domain, which includes rate-limited ones."
  }
}

run "a_private_function_at_a_domain" {
  command = plan
  variables {
    load_balancer = { domain = "delays.example.com", closed = false }
  }

  assert {
    condition = (
      keys(google_monitoring_uptime_check_config.health) == ["europe-west1"]
      && google_monitoring_uptime_check_config.health["europe-west1"].monitored_resource[0].labels["host"] == "taxiway-abc123-ew.a.run.app"
    )
    error_message = "The uptime check must use the URL that is the audience of its token."
  }

  assert {
    condition     = output.url == "https://delays.example.com" && output.audience == "https://taxiway-abc123-ew.a.run.app"
    error_message = "The audience of a token must be the function's own URL, even for requests to the domain."
  }

  assert {
    condition     = length(google_compute_backend_service.function[0].outlier_detection) == 0
    error_message = "A single region must never be ejected."
  }
}

run "an_open_public_function_is_checked_at_both" {
  command = plan
  variables {
    allow_unauthenticated = true
    load_balancer         = { domain = "delays.example.com", closed = false }
  }

  assert {
    condition     = keys(google_monitoring_uptime_check_config.health) == ["domain", "europe-west1"]
    error_message = "There must be uptime checks of the domain and of the function's own URL."
  }
}

run "old_protocols_are_refused" {
  command = plan
  variables {
    allow_unauthenticated = true
    load_balancer         = { domain = "delays.example.com" }
  }

  assert {
    condition = (
      google_compute_ssl_policy.https[0].min_tls_version == "TLS_1_2" && google_compute_ssl_policy.https[0].profile == "MODERN"
    )
    error_message = "Clients must use TLS 1.2 or later, with modern ciphers."
  }

  assert {
    condition     = google_compute_backend_service.function[0].log_config[0].enable && google_compute_backend_service.function[0].log_config[0].sample_rate == 0.01
    error_message = "A hundredth of the requests must be logged."
  }

  assert {
    condition = (
      google_compute_global_address.ipv6[0].ip_version == "IPV6" && google_compute_global_forwarding_rule.https_ipv6[0].port_range == "443"
      && google_compute_global_forwarding_rule.http_ipv6[0].port_range == "80" && output.address_ipv6 != null
    )
    error_message = "The domain must be reachable by IPv6 too."
  }
}

run "without_ipv6_and_log" {
  command = plan
  variables {
    allow_unauthenticated = true
    load_balancer         = { domain = "delays.example.com", ipv6 = false, log_sample_rate = 0 }
  }

  assert {
    condition = (
      length(google_compute_global_address.ipv6) + length(google_compute_global_forwarding_rule.https_ipv6) + length(google_compute_global_forwarding_rule.http_ipv6) == 0
      && output.address_ipv6 == null && !google_compute_backend_service.function[0].log_config[0].enable
    )
    error_message = "Both must be left out if they are not wanted."
  }
}
