variable "bigquery" {
  description = "Functions that predict in SQL, in a dataset of their own that calls the function of one region: one with an argument for each of the model's features, in the model's order, and one of JSON."
  type = object({
    region   = string
    location = optional(string) # of the dataset; the region, unless its tables are in EU or US
    dataset  = optional(string)
    function = optional(string, "predict_delay")
    arguments = optional(list(object({ name = string, type = string })), [
      { name = "carrier", type = "STRING" },
      { name = "month", type = "INT64" },
      { name = "origin", type = "STRING" },
      { name = "period", type = "STRING" },
    ])
    output   = optional(string, "probability")
    returns  = optional(string, "FLOAT64")
    on_error = optional(string, "fail")
    max_rows = optional(number, 1000) # of one request
  })
  default = null

  validation {
    condition     = var.bigquery == null ? true : contains(keys(var.regions), var.bigquery.region)
    error_message = "BigQuery calls the function in one of its regions: region is one of ${join(", ", keys(var.regions))}."
  }

  validation {
    condition = try(var.bigquery.location, null) == null ? true : (
      var.bigquery.location == var.bigquery.region
      || var.bigquery.location == "US" && startswith(var.bigquery.region, "us-")
      || var.bigquery.location == "EU" && startswith(var.bigquery.region, "europe-") && !contains(["europe-west2", "europe-west6"], var.bigquery.region)
    )
    error_message = "BigQuery calls a function where its dataset is: location is the region itself, or US or EU where the region is within (London and Zurich are not in EU)."
  }

  validation {
    condition     = var.bigquery == null || var.load_balancer == null ? true : !var.load_balancer.closed
    error_message = "BigQuery calls the function's own URL, not the load balancer's, and where that is closed, nothing promises that Google lets BigQuery in: say load_balancer = { closed = false, ... }, or leave bigquery out."
  }

  validation {
    condition     = var.bigquery == null ? true : alltrue([for name in compact([var.bigquery.function, var.bigquery.dataset]) : can(regex("^[A-Za-z_][A-Za-z0-9_]{0,200}$", name))])
    error_message = "Names of a dataset or function have letters, digits and underscores, and no digit first: SQL's have no hyphen."
  }

  validation {
    condition = var.bigquery == null ? true : length(var.bigquery.arguments) > 0 && length(distinct(var.bigquery.arguments[*].name)) == length(var.bigquery.arguments) && alltrue([
      for argument in var.bigquery.arguments :
      can(regex("^[A-Za-z_][A-Za-z0-9_]*$", argument.name)) && contains(["BOOL", "INT64", "FLOAT64", "NUMERIC", "STRING"], argument.type)
    ])
    error_message = "arguments are the model's features in its order, each { name, type } of another name, of type BOOL, INT64, FLOAT64, NUMERIC or STRING: a remote function takes no ARRAY or STRUCT, and one that takes JSON is made anyway."
  }

  validation {
    condition = var.bigquery == null ? true : (
      contains(["probability", "label"], var.bigquery.output) && contains(["fail", "null"], var.bigquery.on_error)
      && contains(["BOOL", "INT64", "FLOAT64", "STRING"], var.bigquery.returns)
    )
    error_message = "output is probability or label, on_error is fail or null, and returns, the type of the answer in SQL, is BOOL, INT64, FLOAT64 or STRING."
  }

  validation {
    condition     = var.bigquery == null ? true : var.bigquery.max_rows >= 1 && floor(var.bigquery.max_rows) == var.bigquery.max_rows && var.bigquery.max_rows <= tonumber(lookup(var.environment, "MAX_ROWS", "50000"))
    error_message = "max_rows, of one request, is a whole number from 1 to MAX_ROWS, past which the function answers 413."
  }
}
