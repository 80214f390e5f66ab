# Variables with options. Terraform would silently drop an unknown option, and whoever misspelt one would believe it set.
# Therefore their type is any, here their options' names are checked, and the module options has their types, defaults
# and rules.

variable "regions" {
  description = "Regions in which the function runs; each may have its own min_instances and max_instances, such as { europe-west1 = { max_instances = 3 } }."
  type        = any
  default     = { europe-west1 = {} }
  nullable    = false

  validation {
    condition     = alltrue([for options in values(var.regions) : length(setsubtract(try(keys(options), []), ["max_instances", "min_instances"])) == 0])
    error_message = "regions: unknown options: ${join(", ", flatten([for region, options in var.regions : [for option in setsubtract(try(keys(options), []), ["max_instances", "min_instances"]) : "${region}.${option}"]]))}. A region may have max_instances and min_instances."
  }
}

variable "scaling" {
  description = "Size and number of instances in each region: options/scaling.tf."
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(try(keys(var.scaling), []), ["concurrency", "cpu", "max_instances", "memory", "min_instances"])) == 0
    error_message = "scaling: unknown options: ${join(", ", setsubtract(try(keys(var.scaling), []), ["concurrency", "cpu", "max_instances", "memory", "min_instances"]))}. Known are concurrency, cpu, max_instances, memory, min_instances."
  }
}

variable "load_balancer" {
  description = "Global load balancer, one HTTPS address for all regions at a domain: options/access.tf. None if null."
  type        = any
  default     = null

  validation {
    condition     = length(setsubtract(try(keys(var.load_balancer), []), ["closed", "domain", "ipv6", "log_sample_rate", "requests_per_minute"])) == 0
    error_message = "load_balancer: unknown options: ${join(", ", setsubtract(try(keys(var.load_balancer), []), ["closed", "domain", "ipv6", "log_sample_rate", "requests_per_minute"]))}. Known are closed, domain, ipv6, log_sample_rate, requests_per_minute."
  }
}

variable "bigquery" {
  description = "BigQuery remote functions, for predictions in SQL: options/bigquery.tf. None if null."
  type        = any
  default     = null

  validation {
    condition     = length(setsubtract(try(keys(var.bigquery), []), ["arguments", "dataset", "function", "location", "max_rows", "on_error", "output", "region", "returns"])) == 0
    error_message = "bigquery: unknown options: ${join(", ", setsubtract(try(keys(var.bigquery), []), ["arguments", "dataset", "function", "location", "max_rows", "on_error", "output", "region", "returns"]))}. Known are arguments, dataset, function, location, max_rows, on_error, output, region, returns."
  }
}

variable "alerts" {
  description = "Who gets alerts, and the evidence that an alert needs: options/alerts.tf."
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(try(keys(var.alerts), []), ["emails", "min_failures", "min_requests"])) == 0
    error_message = "alerts: unknown options: ${join(", ", setsubtract(try(keys(var.alerts), []), ["emails", "min_failures", "min_requests"]))}. Known are emails, min_failures, min_requests."
  }
}

variable "model_bucket" {
  description = "Bucket of models: options/models.tf."
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(try(keys(var.model_bucket), []), ["force_destroy", "keep_versions", "location", "soft_delete_days"])) == 0
    error_message = "model_bucket: unknown options: ${join(", ", setsubtract(try(keys(var.model_bucket), []), ["force_destroy", "keep_versions", "location", "soft_delete_days"]))}. Known are force_destroy, keep_versions, location, soft_delete_days."
  }
}

variable "vpc" {
  description = "Network through which the function sends its requests: options/vpc.tf. The internet alone if null."
  type        = any
  default     = null

  validation {
    condition     = length(setsubtract(try(keys(var.vpc), []), ["egress", "network", "subnetwork", "tags"])) == 0
    error_message = "vpc: unknown options: ${join(", ", setsubtract(try(keys(var.vpc), []), ["egress", "network", "subnetwork", "tags"]))}. Known are egress, network, subnetwork, tags."
  }
}

variable "encryption" {
  description = "Customer-managed keys of the buckets, the images and the function: options/encryption.tf. Google's keys if null."
  type        = any
  default     = null

  validation {
    condition     = length(setsubtract(try(keys(var.encryption), []), ["buckets", "regions"])) == 0
    error_message = "encryption: unknown options: ${join(", ", setsubtract(try(keys(var.encryption), []), ["buckets", "regions"]))}. Known are buckets, regions."
  }
}
