variable "vpc" {
  description = "Direct VPC egress: network and subnetwork, the same names in each region (for a shared VPC, projects/HOST/global/networks/NETWORK and so on), network tags, and whether all requests go that way (all) or only those to private addresses (private)."
  type = object({
    network    = string
    subnetwork = string
    egress     = optional(string, "private")
    tags       = optional(list(string), [])
  })
  default = null

  validation {
    condition     = var.vpc == null ? true : contains(["all", "private"], var.vpc.egress)
    error_message = "vpc.egress must be all or private: \"${try(var.vpc.egress, "")}\" is not valid."
  }
}
