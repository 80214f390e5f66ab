variable "project" {
  description = "Id of the Google Cloud project: one of its own, since the deployer may act as every service account in it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "\"${var.project}\" can't be a project's id: that has 6 to 30 lower-case letters, digits and hyphens. Its name or its number won't do."
  }
}

variable "name" {
  description = "What all names begin with; the same as in the root module."
  type        = string
  default     = "taxiway"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,18}[a-z0-9]$", var.name))
    error_message = "\"${var.name}\" can't begin the names of service accounts: they take 4 to 20 lower-case letters, digits and hyphens here."
  }
}

variable "state_location" {
  description = "Where the state bucket is: a region, or a multi-region such as EU."
  type        = string
  default     = "EU"
}

variable "github" {
  description = "The repository whose workflows may deploy, by its ids, since names can be taken by others: `gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id'`."
  type = object({
    owner_id      = string
    repository_id = string
    branch        = optional(string, "main")
  })

  validation {
    condition     = can(regex("^[1-9][0-9]*$", var.github.owner_id)) && can(regex("^[1-9][0-9]*$", var.github.repository_id))
    error_message = "owner_id and repository_id are GitHub's numbers, not names, which somebody else may take one day: `gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id'` prints both."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.github.branch)) && !startswith(var.github.branch, "refs/")
    error_message = "branch is the name of the branch that is deployed, such as main, without refs/heads/."
  }
}

variable "extras" {
  description = "What the root module may make besides the function: load_balancer, bigquery, or both. Each needs services and rights of its own."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.extras, ["bigquery", "load_balancer"])) == 0
    error_message = "extras are load_balancer and bigquery; there is no ${join(", ", setsubtract(var.extras, ["bigquery", "load_balancer"]))}."
  }
}
