output "regions" {
  value = var.regions
}

output "scaling" {
  value = var.scaling
}

output "load_balancer" {
  value = var.load_balancer
}

output "bigquery" {
  value = var.bigquery
}

output "alerts" {
  value = var.alerts
}

output "model_bucket" {
  value = var.model_bucket
}

output "vpc" {
  value = var.vpc
}

output "encryption" {
  value = var.encryption
}
