terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0"
    }
  }

  # Bootstrap creates the bucket: terraform init -backend-config=bucket=...
  backend "gcs" {
    prefix = "root"
  }
}

provider "google" {
  project        = var.project
  default_labels = { service = var.name }
}
