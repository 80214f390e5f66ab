# Variables of the root module that rules of the options depend on.
variable "allow_unauthenticated" {
  type    = bool
  default = false
}

variable "max_model_bytes" {
  type    = number
  default = 268435456
}

variable "max_rows" {
  type    = number
  default = 50000
}
