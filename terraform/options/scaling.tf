variable "regions" {
  description = "Regions in which the function runs; each may have its own min_instances and max_instances."
  type = map(object({
    min_instances = optional(number)
    max_instances = optional(number)
  }))
  default = { europe-west1 = {} }

  validation {
    condition     = length(var.regions) > 0
    error_message = "regions must contain at least one region."
  }

  validation {
    condition     = length(var.regions) < 2 || var.load_balancer != null
    error_message = "regions: several regions need a load balancer with a domain: set load_balancer = { domain = \"...\" }."
  }

  validation {
    condition     = length(var.regions) < 2 || var.allow_unauthenticated
    error_message = "regions: a private function can't run in several regions: an identity token is valid for the URL of a single region, but the load balancer chooses the region. Name one region, or set allow_unauthenticated = true."
  }

  validation {
    condition     = length(setsubtract(keys(var.regions), local.cloud_run_regions)) == 0
    error_message = "regions must be regions of Cloud Run such as europe-west1, not a zone (europe-west1-b) and not a multi-region (EU). Not valid: ${join(", ", setsubtract(keys(var.regions), local.cloud_run_regions))}. Known are ${join(", ", local.cloud_run_regions)}; add a newer one to options/regions.tf."
  }

  validation {
    condition = alltrue([
      for numbers in values(var.regions) :
      coalesce(numbers.min_instances, var.scaling.min_instances) <= coalesce(numbers.max_instances, var.scaling.max_instances)
    ])
    error_message = "regions: min_instances of a region must not be more than its max_instances; the values of scaling apply if a region has none."
  }

  validation {
    condition = alltrue([
      for numbers in values(var.regions) :
      coalesce(numbers.min_instances, 0) >= 0 && coalesce(numbers.max_instances, 1) >= 1
      && floor(coalesce(numbers.min_instances, 0)) == coalesce(numbers.min_instances, 0)
      && floor(coalesce(numbers.max_instances, 1)) == coalesce(numbers.max_instances, 1)
    ])
    error_message = "regions: min_instances must be a whole number of at least 0, and max_instances of at least 1."
  }
}

variable "scaling" {
  description = "Size and number of instances in each region."
  type = object({
    cpu           = optional(number, 1)
    memory        = optional(string, "2Gi")
    concurrency   = optional(number, 32)
    min_instances = optional(number, 0)
    max_instances = optional(number, 10)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains([1, 2, 4, 6, 8], var.scaling.cpu) || (var.scaling.cpu >= 0.08 && var.scaling.cpu < 1)
    error_message = "scaling.cpu must be 0.08 to 1, 2, 4, 6 or 8, which Cloud Run supports: ${var.scaling.cpu} is not valid."
  }

  validation {
    condition     = var.scaling.concurrency >= 1 && var.scaling.concurrency <= 1000 && floor(var.scaling.concurrency) == var.scaling.concurrency
    error_message = "scaling.concurrency, the requests that an instance handles at a time, must be a whole number from 1 to 1000."
  }

  validation {
    condition     = var.scaling.concurrency == 1 || var.scaling.cpu >= 1
    error_message = "scaling.concurrency must be 1 if cpu is below 1 (a rule of Cloud Run): concurrency = ${var.scaling.concurrency} needs cpu = 1 or more, and cpu = ${var.scaling.cpu} needs concurrency = 1."
  }

  validation {
    condition     = can(regex("^[1-9][0-9]*(Mi|Gi)$", var.scaling.memory))
    error_message = "scaling.memory must be a whole number of Mi or Gi, such as 512Mi or 2Gi: \"${var.scaling.memory}\" is not valid."
  }

  validation {
    condition = try(
      tonumber(regex("^[0-9]+", var.scaling.memory)) * (endswith(var.scaling.memory, "Gi") ? 1024 : 1) <=
      lookup({ "1" = 4096, "2" = 8192, "4" = 16384, "6" = 24576, "8" = 32768 }, tostring(var.scaling.cpu), var.scaling.cpu >= 0.5 ? 1024 : 512),
      true # malformed: the rule above reports it
    )
    error_message = "scaling.memory = ${var.scaling.memory} is too much for cpu = ${var.scaling.cpu}. Cloud Run allows up to 512Mi below 0.5 CPU, 1Gi below 1, 4Gi with 1, 8Gi with 2, 16Gi with 4, 24Gi with 6, 32Gi with 8."
  }

  validation {
    condition = try(
      tonumber(regex("^[0-9]+", var.scaling.memory)) * (endswith(var.scaling.memory, "Gi") ? 1024 : 1) >=
      lookup({ "4" = 2048, "6" = 4096, "8" = 4096 }, tostring(var.scaling.cpu), 256),
      true
    )
    error_message = "scaling.memory = ${var.scaling.memory} is too little: the function needs at least 256Mi, and Cloud Run requires 2Gi with 4 CPUs and 4Gi with 6 or 8."
  }

  # A worker has 200 MiB with scikit-learn; reading a model takes four times its size, beside the live one. The bodies of
  # all requests at a time come on top.
  validation {
    condition = try(
      tonumber(regex("^[0-9]+", var.scaling.memory)) * (endswith(var.scaling.memory, "Gi") ? 1024 : 1) >=
      coalesce(var.workers, max(1, floor(var.scaling.cpu))) * (256 + 5 * var.max_model_bytes / 1048576) + var.scaling.concurrency * var.max_body_bytes / 1048576,
      true # malformed: other rules report it
    )
    error_message = "scaling.memory = ${var.scaling.memory} is too little: an instance could be killed again and again. Each of ${try(coalesce(var.workers, max(1, floor(var.scaling.cpu))), 1)} workers (one for each CPU, unless environment sets WORKERS) needs at least 256Mi and five times MAX_MODEL_BYTES, and each of ${var.scaling.concurrency} requests at a time MAX_BODY_BYTES: together ${try(ceil(coalesce(var.workers, max(1, floor(var.scaling.cpu))) * (256 + 5 * var.max_model_bytes / 1048576) + var.scaling.concurrency * var.max_body_bytes / 1048576), "?")}Mi."
  }

  validation {
    condition     = var.scaling.min_instances >= 0 && floor(var.scaling.min_instances) == var.scaling.min_instances && var.scaling.max_instances >= 1 && floor(var.scaling.max_instances) == var.scaling.max_instances
    error_message = "scaling.min_instances must be a whole number of at least 0, and scaling.max_instances of at least 1."
  }

  validation {
    condition     = var.scaling.min_instances <= var.scaling.max_instances
    error_message = "scaling.min_instances (${var.scaling.min_instances}) must not be more than scaling.max_instances (${var.scaling.max_instances})."
  }
}
