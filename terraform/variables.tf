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
  description = "Settings of the function (docs/settings.md), by the names of their environment variables."
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
    condition     = length(setintersection(keys(var.environment), ["LOG_EXECUTION_ID", "MODEL_URI", "PRELOAD", "TRACE_PROJECT"])) == 0
    error_message = "environment must not set LOG_EXECUTION_ID, MODEL_URI, PRELOAD or TRACE_PROJECT, which this module sets: use the variables model_object and preload."
  }

  validation {
    condition     = length(setsubtract(keys(var.environment), concat(keys(local.settings), local.framework_settings))) == 0
    error_message = "environment: unknown settings: ${join(", ", setsubtract(keys(var.environment), concat(keys(local.settings), local.framework_settings)))}. Known are ${join(", ", concat(keys(local.settings), local.framework_settings))}; variables that your own code reads belong in own_environment."
  }

  validation {
    condition     = can(regex("^([1-9]|1[0-6])$", lookup(var.environment, "WORKERS", "1"))) && contains(["debug", "info", "warning", "error", "critical"], lookup(var.environment, "GUNICORN_LOG_LEVEL", "error"))
    error_message = "environment: WORKERS must be a whole number from 1 to 16, and GUNICORN_LOG_LEVEL debug, info, warning, error or critical."
  }

  # The rules by which the function checks its settings at start, which ignores an empty value.
  validation {
    condition = alltrue([
      for name, value in var.environment : value == "" || !contains(keys(local.settings), name) ? true : {
        boolean = contains(["true", "false", "1", "0"], lower(value))
        string  = can(regex(try(local.settings[name].pattern, ""), value))
        integer = can(regex(local.number, value)) && try(floor(tonumber(value)) == tonumber(value), false)
        number  = can(regex(local.number, value))
        }[local.settings[name].type] && alltrue([
          try(tonumber(value) >= local.settings[name].minimum, true), try(tonumber(value) > local.settings[name].exclusiveMinimum, true),
          try(tonumber(value) <= local.settings[name].maximum, true), try(tonumber(value) < local.settings[name].exclusiveMaximum, true),
      ])
    ])
    error_message = "environment: the function would not start with these settings: ${join(", ", [for name, value in var.environment : "${name} = \"${value}\" (${local.settings[name].allowed})" if contains(keys(local.settings), name)])}."
  }
}

variable "own_environment" {
  description = "Environment variables that are no settings of the function: those that your own code reads."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.own_environment) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name)) && !can(regex("^(K_|X_GOOGLE_|GOOGLE_|FUNCTION_|CLOUD_RUN_)", name)) && !contains(["PORT", "ENTRY_POINT", "GCP_PROJECT", "GCLOUD_PROJECT"], name)])
    error_message = "own_environment: a name must have only letters, digits and underscores, must not begin with a digit, and must not be one that Cloud Functions reserves: PORT, ENTRY_POINT, GCP_PROJECT, GCLOUD_PROJECT, or K_, FUNCTION_, GOOGLE_, X_GOOGLE_ or CLOUD_RUN_ with anything after it."
  }

  validation {
    condition     = length(setintersection(keys(var.own_environment), concat(keys(local.settings), local.framework_settings, ["LOG_EXECUTION_ID"]))) == 0
    error_message = "own_environment must not contain ${join(", ", setintersection(keys(var.own_environment), concat(keys(local.settings), local.framework_settings, ["LOG_EXECUTION_ID"])))}: settings of the function belong in environment."
  }
}

variable "secrets" {
  description = "Environment variables whose values are secrets of Secret Manager in this project: { NAME = \"SECRET\" } or { NAME = \"SECRET:VERSION\" }, the latest version if omitted. The function's account must be allowed to read them (docs/deploy.md)."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name, secret in var.secrets : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name)) && can(regex("^[A-Za-z0-9_-]{1,255}(:([1-9][0-9]*|latest))?$", secret))])
    error_message = "secrets must be names of environment variables with the name of a secret each, such as { API_TOKEN = \"api-token\" } or { API_TOKEN = \"api-token:3\" }."
  }

  validation {
    condition     = length(setintersection(keys(var.secrets), concat(keys(var.environment), keys(var.own_environment), keys(local.settings), local.framework_settings, ["LOG_EXECUTION_ID"]))) == 0
    error_message = "secrets must not contain settings of the function, nor what environment or own_environment set: ${join(", ", setintersection(keys(var.secrets), concat(keys(var.environment), keys(var.own_environment), keys(local.settings), local.framework_settings, ["LOG_EXECUTION_ID"])))}."
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
