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
  description = "IDs of the repository whose workflows may deploy, owner_id and repository_id (a name could be registered by others later), its deployed branch (main if omitted), and the GitHub environment that this project is (staging or production; if omitted, jobs may deploy whatever their environment): `gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id'` prints the IDs. null: nothing is deployed from GitHub."
  type        = any # an object type would drop misspelt options

  validation {
    condition     = var.github == null ? true : try(length(setsubtract(["owner_id", "repository_id"], keys(var.github))) == 0 && length(setsubtract(keys(var.github), ["branch", "environment", "owner_id", "repository_id"])) == 0, false)
    error_message = "github must have owner_id and repository_id, may have branch and environment, and nothing else; or be null, to deploy without GitHub."
  }

  validation {
    condition     = var.github == null ? true : can(regex("^[1-9][0-9]*$", var.github.owner_id)) && can(regex("^[1-9][0-9]*$", var.github.repository_id))
    error_message = "owner_id and repository_id must be GitHub's numeric IDs, not names: `gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id'` prints both."
  }

  validation {
    condition     = var.github == null ? true : can(regex("^[A-Za-z0-9._/-]+$", try(var.github.branch, "main"))) && !startswith(try(var.github.branch, "main"), "refs/")
    error_message = "branch must be the name of the deployed branch, such as main, without refs/heads/."
  }

  validation {
    condition     = try(var.github.environment, null) == null ? true : contains(["staging", "production"], var.github.environment)
    error_message = "environment must be staging or production: .github/workflows/deploy.yml deploys to these."
  }
}

variable "extras" {
  description = "What the root module may create in addition to the function: load_balancer, bigquery, and what it may use: secrets, vpc, encryption. Each needs more APIs or roles."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.extras, ["bigquery", "encryption", "load_balancer", "secrets", "vpc"])) == 0
    error_message = "extras must be of load_balancer, bigquery, secrets, vpc and encryption: ${join(", ", setsubtract(var.extras, ["bigquery", "encryption", "load_balancer", "secrets", "vpc"]))} is not valid."
  }
}
