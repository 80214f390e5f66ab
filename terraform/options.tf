# The options by their names in the rest of this module, each with its type and its default.
module "options" {
  source = "./options"

  regions       = var.regions
  scaling       = var.scaling
  load_balancer = var.load_balancer
  bigquery      = var.bigquery
  alerts        = var.alerts
  model_bucket  = var.model_bucket
  vpc           = var.vpc
  encryption    = var.encryption

  # Rules of the options depend on these.
  allow_unauthenticated = var.allow_unauthenticated
  max_model_bytes       = try(tonumber(lookup(var.environment, "MAX_MODEL_BYTES", "")), local.settings.MAX_MODEL_BYTES.default)
  max_body_bytes        = try(tonumber(lookup(var.environment, "MAX_BODY_BYTES", "")), local.settings.MAX_BODY_BYTES.default)
  workers               = try(tonumber(lookup(var.environment, "WORKERS", "")), null)
  max_rows              = try(tonumber(lookup(var.environment, "MAX_ROWS", "")), local.settings.MAX_ROWS.default)
}

locals {
  regions       = module.options.regions
  scaling       = module.options.scaling
  load_balancer = module.options.load_balancer
  bigquery      = module.options.bigquery
  alerts        = module.options.alerts
  models        = module.options.model_bucket
  vpc           = module.options.vpc
  encryption    = module.options.encryption

  # The settings of the function and the values that they may have; `make settings` writes the file.
  settings = jsondecode(file("${path.module}/settings.json"))
  number   = "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$" # of JSON

  # Environment variables that the functions framework and its server read.
  framework_settings = ["GUNICORN_LOG_LEVEL", "WORKERS"]
}
