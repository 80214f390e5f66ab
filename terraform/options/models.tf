variable "model_bucket" {
  description = "Bucket of models: location, number of earlier versions to keep, days in which deleted models can be restored, and whether destroy deletes all models."
  type = object({
    location         = optional(string, "EU")
    keep_versions    = optional(number, 20)
    soft_delete_days = optional(number, 7)
    force_destroy    = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.model_bucket.keep_versions >= 1
    error_message = "keep_versions must be at least 1: a rollback needs an earlier version."
  }

  validation {
    condition     = var.model_bucket.soft_delete_days == 0 || (var.model_bucket.soft_delete_days >= 7 && var.model_bucket.soft_delete_days <= 90)
    error_message = "soft_delete_days must be 0 (off) or 7 to 90, the values that Cloud Storage supports."
  }
}
