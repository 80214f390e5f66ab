# Apply once, as an owner of the project. The state of this module stays on the owner's machine.
terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0"
    }
  }
}

provider "google" {
  project        = var.project
  default_labels = { service = var.name }
}
