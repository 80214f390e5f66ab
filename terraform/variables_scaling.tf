variable "regions" {
  description = "Where the function runs; each region may have its own numbers of instances."
  type = map(object({
    min_instances = optional(number)
    max_instances = optional(number)
  }))
  default = { europe-west1 = {} }

  validation {
    condition     = length(var.regions) > 0
    error_message = "The function needs at least one region to run in."
  }

  validation {
    condition     = length(var.regions) < 2 || var.load_balancer != null
    error_message = "Several regions answer at one address, whose certificate needs a domain: say load_balancer = { domain = \"...\" }."
  }

  validation {
    condition     = length(var.regions) < 2 || var.allow_unauthenticated
    error_message = "A private function can't be in several regions: Cloud Run takes an identity token for the URL of one region alone, and which region answers chooses the load balancer. Name one region, or say allow_unauthenticated = true."
  }

  validation {
    condition     = alltrue([for region in keys(var.regions) : can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", region))])
    error_message = "A region is written like europe-west1; a zone (europe-west1-b) is too narrow and a multi-region (EU) too wide for a function. Malformed: ${join(", ", [for region in keys(var.regions) : region if !can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", region))])}."
  }

  validation {
    condition = alltrue([
      for numbers in values(var.regions) :
      coalesce(numbers.min_instances, var.scaling.min_instances) <= coalesce(numbers.max_instances, var.scaling.max_instances)
    ])
    error_message = "A region would keep more instances (min_instances) than it may have (max_instances); what it does not say itself is scaling's."
  }

  validation {
    condition = alltrue([
      for numbers in values(var.regions) :
      coalesce(numbers.min_instances, 0) >= 0 && coalesce(numbers.max_instances, 1) >= 1
      && floor(coalesce(numbers.min_instances, 0)) == coalesce(numbers.min_instances, 0)
      && floor(coalesce(numbers.max_instances, 1)) == coalesce(numbers.max_instances, 1)
    ])
    error_message = "A region's numbers of instances are whole ones: min_instances from 0, max_instances from 1."
  }
}

variable "scaling" {
  description = "Size and number of instances, in each region."
  type = object({
    cpu           = optional(number, 1)
    memory        = optional(string, "2Gi") # four times MAX_MODEL_BYTES, which reading a file may take, and the process
    concurrency   = optional(number, 32)
    min_instances = optional(number, 0)
    max_instances = optional(number, 10)
  })
  default = {}

  validation {
    condition     = contains([1, 2, 4, 6, 8], var.scaling.cpu) || (var.scaling.cpu >= 0.08 && var.scaling.cpu < 1)
    error_message = "Cloud Run has instances of 0.08 to 1, 2, 4, 6 or 8 CPUs, not of ${var.scaling.cpu}."
  }

  validation {
    condition     = var.scaling.concurrency >= 1 && var.scaling.concurrency <= 1000 && floor(var.scaling.concurrency) == var.scaling.concurrency
    error_message = "concurrency, the requests that an instance answers at a time, is a whole number from 1 to 1000."
  }

  validation {
    condition     = var.scaling.concurrency == 1 || var.scaling.cpu >= 1
    error_message = "An instance of less than one CPU answers one request at a time (a rule of Cloud Run): a concurrency of ${var.scaling.concurrency} needs cpu = 1 or more, and cpu = ${var.scaling.cpu} needs concurrency = 1."
  }

  validation {
    condition     = can(regex("^[1-9][0-9]*(Mi|Gi)$", var.scaling.memory))
    error_message = "memory is a whole number of Mi or Gi, such as 512Mi or 2Gi, not \"${var.scaling.memory}\"."
  }

  validation {
    condition = try(
      tonumber(regex("^[0-9]+", var.scaling.memory)) * (endswith(var.scaling.memory, "Gi") ? 1024 : 1) <=
      lookup({ "1" = 4096, "2" = 8192, "4" = 16384, "6" = 24576, "8" = 32768 }, tostring(var.scaling.cpu), var.scaling.cpu >= 0.5 ? 1024 : 512),
      true # of another form: the rule above says so
    )
    error_message = "${var.scaling.memory} of memory is more than Cloud Run gives to ${var.scaling.cpu} CPU: up to 512Mi below 0.5, 1Gi below 1, 4Gi with 1, 8Gi with 2, 16Gi with 4, 24Gi with 6, 32Gi with 8."
  }

  validation {
    condition = try(
      tonumber(regex("^[0-9]+", var.scaling.memory)) * (endswith(var.scaling.memory, "Gi") ? 1024 : 1) >=
      lookup({ "4" = 2048, "6" = 4096, "8" = 4096 }, tostring(var.scaling.cpu), 256),
      true
    )
    error_message = "${var.scaling.memory} of memory is too little: the function alone needs 256Mi, and Cloud Run asks for 2Gi with 4 CPUs and 4Gi with 6 or 8."
  }

  validation {
    condition     = var.scaling.min_instances >= 0 && floor(var.scaling.min_instances) == var.scaling.min_instances && var.scaling.max_instances >= 1 && floor(var.scaling.max_instances) == var.scaling.max_instances
    error_message = "The numbers of instances are whole ones: min_instances from 0, max_instances from 1."
  }

  validation {
    condition     = var.scaling.min_instances <= var.scaling.max_instances
    error_message = "min_instances (${var.scaling.min_instances}) is more than max_instances (${var.scaling.max_instances}): no more can be kept than there may be."
  }
}
