# Run once, by a person who owns the project. Its own state stays with that person.
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
