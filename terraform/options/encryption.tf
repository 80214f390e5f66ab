variable "encryption" {
  description = "Cloud KMS keys, as projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY: one for the buckets, in their location, and one for the images and the function of each region, in that region. Google's service agents must be allowed to use them (docs/deploy.md)."
  type = object({
    buckets = string
    regions = map(string)
  })
  default = null

  validation {
    condition     = var.encryption == null ? true : alltrue([for key in concat([var.encryption.buckets], values(var.encryption.regions)) : can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", key))])
    error_message = "encryption: a key must be projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY."
  }

  validation {
    condition     = var.encryption == null ? true : toset(keys(var.encryption.regions)) == toset(keys(var.regions))
    error_message = "encryption.regions must have a key for each of regions, and for no other: ${join(", ", keys(var.regions))}."
  }

  validation {
    condition     = var.encryption == null ? true : alltrue([for region, key in var.encryption.regions : try(split("/", key)[3] == region, true)])
    error_message = "encryption.regions: the key of a region must be in that region."
  }

  validation {
    condition     = var.encryption == null ? true : try(lower(split("/", var.encryption.buckets)[3]) == lower(var.model_bucket.location) || lower(split("/", var.encryption.buckets)[3]) == "europe" && lower(var.model_bucket.location) == "eu", true)
    error_message = "encryption.buckets must be a key in the location of the buckets, model_bucket.location (for EU in europe): ${var.model_bucket.location}."
  }
}
