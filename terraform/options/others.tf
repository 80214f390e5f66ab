# Variables of the root module that rules of the options depend on.
variable "allow_unauthenticated" {
  type    = bool
  default = false
}

variable "max_model_bytes" {
  type    = number
  default = 268435456
}

variable "max_body_bytes" {
  type    = number
  default = 8388608
}

variable "max_rows" {
  type    = number
  default = 50000
}

# As the environment sets it; if null, there is one for each CPU.
variable "workers" {
  type    = number
  default = null
}
