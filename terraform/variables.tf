variable "project" {
  description = "Id of the Google Cloud project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "\"${var.project}\" can't be a project's id: that has 6 to 30 lower-case letters, digits and hyphens. Its name or its number won't do."
  }
}

variable "name" {
  description = "Name of the function, and what all other names begin with; the same as in bootstrap."
  type        = string
  default     = "taxiway"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,18}[a-z0-9]$", var.name))
    error_message = "\"${var.name}\" can't begin the names of service accounts: they take 4 to 20 lower-case letters, digits and hyphens here."
  }
}

variable "source_zip" {
  description = "The zip to deploy, as `make zip` writes it; needed for destroy too."
  type        = string
  default     = "../build/function.zip"

  validation {
    condition     = fileexists(var.source_zip)
    error_message = "There is no ${var.source_zip}, whose hash names what is deployed: run `make zip` first."
  }
}

variable "runtime" {
  description = "The Python that Cloud Functions runs."
  type        = string
  default     = "python314"

  validation {
    condition     = contains(["python311", "python312", "python313", "python314"], var.runtime)
    error_message = "requirements.txt is locked for python311, python312, python313 and python314; \"${var.runtime}\" is none of them."
  }
}

variable "environment" {
  description = "More environment variables of the function: the settings that README lists."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.environment) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name))])
    error_message = "An environment variable's name has letters, digits and underscores, and no digit first."
  }

  validation {
    condition = alltrue([
      for name in keys(var.environment) :
      !can(regex("^(K_|X_GOOGLE_|GOOGLE_|FUNCTION_|CLOUD_RUN_)", name)) && !contains(["PORT", "ENTRY_POINT", "GCP_PROJECT", "GCLOUD_PROJECT"], name)
    ])
    error_message = "Cloud Functions reserves PORT, ENTRY_POINT, GCP_PROJECT, GCLOUD_PROJECT and names that begin with K_, FUNCTION_, GOOGLE_, X_GOOGLE_ or CLOUD_RUN_: it sets them itself, and refuses or overwrites yours."
  }

  validation {
    condition     = length(setintersection(keys(var.environment), ["LOG_EXECUTION_ID", "MODEL_URI", "PRELOAD", "TRACE_PROJECT"])) == 0
    error_message = "Terraform sets LOG_EXECUTION_ID, MODEL_URI, PRELOAD and TRACE_PROJECT itself: say model_object for the model's place, and preload."
  }
}

variable "model_object" {
  description = "Name of the model in its bucket."
  type        = string
  default     = "models/flight-delay"

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$", var.model_object))
    error_message = "The model's name is one inside the bucket, such as models/flight-delay: no gs://, no slash at either end."
  }
}

variable "preload" {
  description = "Load the model while an instance starts rather than on its first request."
  type        = bool
  default     = false
}

variable "model_bucket" {
  description = "Where models are kept, how many earlier versions, how long what was deleted can be restored, and whether destroy deletes them all."
  type = object({
    location         = optional(string, "EU")
    keep_versions    = optional(number, 20)
    soft_delete_days = optional(number, 7)
    force_destroy    = optional(bool, false)
  })
  default = {}

  validation {
    condition     = var.model_bucket.keep_versions >= 1
    error_message = "keep_versions is at least 1: without an earlier version there is nothing to roll back to."
  }

  validation {
    condition     = var.model_bucket.soft_delete_days == 0 || (var.model_bucket.soft_delete_days >= 7 && var.model_bucket.soft_delete_days <= 90)
    error_message = "soft_delete_days is 0 (off) or 7 to 90: Cloud Storage takes nothing between."
  }
}
