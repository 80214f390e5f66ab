variable "project" {
  description = "ID of the Google Cloud project. Use a separate project, because the deployer may act as every service account in it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project must be a project ID of 6 to 30 lower-case letters, digits and hyphens, not the project's name or number: \"${var.project}\" is not valid."
  }
}

variable "name" {
  description = "Prefix of all names; the same as in the root module."
  type        = string
  default     = "taxiway"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,18}[a-z0-9]$", var.name))
    error_message = "name must have 4 to 20 lower-case letters, digits and hyphens, because names of service accounts begin with it: \"${var.name}\" is not valid."
  }
}

variable "state_location" {
  description = "Location of the state bucket: a region, or a multi-region such as EU."
  type        = string
  default     = "EU"
}

variable "github" {
  description = "IDs of the repository whose workflows may deploy (a name could be registered by others later): `gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id'` prints them."
  type = object({
    owner_id      = string
    repository_id = string
    branch        = optional(string, "main")
  })

  validation {
    condition     = can(regex("^[1-9][0-9]*$", var.github.owner_id)) && can(regex("^[1-9][0-9]*$", var.github.repository_id))
    error_message = "owner_id and repository_id must be GitHub's numeric IDs, not names: `gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id'` prints both."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.github.branch)) && !startswith(var.github.branch, "refs/")
    error_message = "branch must be the name of the deployed branch, such as main, without refs/heads/."
  }
}

variable "extras" {
  description = "What the root module may create in addition to the function: load_balancer, bigquery, or both. Each needs more APIs and roles."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.extras, ["bigquery", "load_balancer"])) == 0
    error_message = "extras must be load_balancer, bigquery or both: ${join(", ", setsubtract(var.extras, ["bigquery", "load_balancer"]))} is not valid."
  }
}
