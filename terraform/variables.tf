variable "project" {
  description = "ID of the Google Cloud project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project must be a project ID of 6 to 30 lower-case letters, digits and hyphens, not the project's name or number: \"${var.project}\" is not valid."
  }
}

variable "name" {
  description = "Name of the function and prefix of all other names; the same as in bootstrap."
  type        = string
  default     = "taxiway"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,18}[a-z0-9]$", var.name))
    error_message = "name must have 4 to 20 lower-case letters, digits and hyphens, because names of service accounts begin with it: \"${var.name}\" is not valid."
  }
}

variable "source_zip" {
  description = "Path of the zip to deploy, which `make zip` writes; also required by destroy."
  type        = string
  default     = "../build/function.zip"

  validation {
    condition     = fileexists(var.source_zip)
    error_message = "source_zip: the file ${var.source_zip} does not exist. Run `make zip` first."
  }
}

variable "runtime" {
  description = "Python runtime of the function."
  type        = string
  default     = "python314"

  validation {
    condition     = contains(["python311", "python312", "python313", "python314"], var.runtime)
    error_message = "runtime must be python311, python312, python313 or python314, for which requirements.txt is locked: \"${var.runtime}\" is not supported."
  }
}

variable "environment" {
  description = "More environment variables of the function: its settings."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.environment) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name))])
    error_message = "environment: a name must have only letters, digits and underscores, and must not begin with a digit."
  }

  validation {
    condition = alltrue([
      for name in keys(var.environment) :
      !can(regex("^(K_|X_GOOGLE_|GOOGLE_|FUNCTION_|CLOUD_RUN_)", name)) && !contains(["PORT", "ENTRY_POINT", "GCP_PROJECT", "GCLOUD_PROJECT"], name)
    ])
    error_message = "environment must not set PORT, ENTRY_POINT, GCP_PROJECT, GCLOUD_PROJECT or a name that begins with K_, FUNCTION_, GOOGLE_, X_GOOGLE_ or CLOUD_RUN_: Cloud Functions reserves these names."
  }

  validation {
    condition     = can(regex("^[1-9][0-9]*$", lookup(var.environment, "MAX_MODEL_BYTES", "268435456")))
    error_message = "environment: MAX_MODEL_BYTES must be a number of bytes, such as 268435456."
  }

  validation {
    condition     = length(setintersection(keys(var.environment), ["LOG_EXECUTION_ID", "MODEL_URI", "PRELOAD", "TRACE_PROJECT"])) == 0
    error_message = "environment must not set LOG_EXECUTION_ID, MODEL_URI, PRELOAD or TRACE_PROJECT, which this module sets: use the variables model_object and preload."
  }
}

variable "model_object" {
  description = "Name of the model object in its bucket; null is that of the address `to` in taxiway.toml, or else models/flight-delay."
  type        = string
  default     = null

  validation {
    condition     = var.model_object == null || can(regex("^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$", var.model_object))
    error_message = "model_object must be the name of an object in the bucket, such as models/flight-delay, without gs:// and without a slash at either end."
  }
}

variable "preload" {
  description = "Whether an instance loads the model during startup instead of on its first request."
  type        = bool
  default     = false
}

variable "model_bucket" {
  description = "Bucket of models: location, number of earlier versions to keep, days in which deleted models can be restored, and whether destroy deletes all models."
  type = object({
    location         = optional(string, "EU")
    keep_versions    = optional(number, 20)
    soft_delete_days = optional(number, 7)
    force_destroy    = optional(bool, false)
  })
  default = {}

  validation {
    condition     = var.model_bucket.keep_versions >= 1
    error_message = "keep_versions must be at least 1: a rollback needs an earlier version."
  }

  validation {
    condition     = var.model_bucket.soft_delete_days == 0 || (var.model_bucket.soft_delete_days >= 7 && var.model_bucket.soft_delete_days <= 90)
    error_message = "soft_delete_days must be 0 (off) or 7 to 90, the values that Cloud Storage supports."
  }
}
