variable "bigquery" {
  description = "BigQuery remote functions that predict in SQL, in a dataset of their own; they call the function in one region. One has an argument for each feature of the model, in the model's order; the other has one JSON argument."
  type = object({
    region   = string
    location = optional(string) # location of the dataset: the region if omitted, or EU or US if the tables are there
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
    max_rows = optional(number, 1000) # the most rows of one request
  })
  default = null

  validation {
    condition     = var.bigquery == null ? true : contains(keys(var.regions), var.bigquery.region)
    error_message = "bigquery.region must be one of the function's regions: ${join(", ", keys(var.regions))}."
  }

  validation {
    condition = try(var.bigquery.location, null) == null ? true : (
      var.bigquery.location == var.bigquery.region
      || var.bigquery.location == "US" && startswith(var.bigquery.region, "us-")
      || var.bigquery.location == "EU" && startswith(var.bigquery.region, "europe-") && !contains(["europe-west2", "europe-west6"], var.bigquery.region)
    )
    error_message = "bigquery.location must be the same as bigquery.region, or the multi-region US or EU that contains it (London and Zurich are not in EU): BigQuery calls only functions in the location of the dataset."
  }

  validation {
    condition     = var.bigquery == null || var.load_balancer == null ? true : !var.load_balancer.closed
    error_message = "bigquery can't be used with a closed load balancer: BigQuery calls the function's own URL, and Google does not guarantee that it may. Set load_balancer = { closed = false, ... }, or omit bigquery."
  }

  validation {
    condition     = var.bigquery == null ? true : alltrue([for name in compact([var.bigquery.function, var.bigquery.dataset]) : can(regex("^[A-Za-z_][A-Za-z0-9_]{0,200}$", name))])
    error_message = "bigquery.dataset and bigquery.function must have only letters, digits and underscores, and must not begin with a digit."
  }

  validation {
    condition = var.bigquery == null ? true : length(var.bigquery.arguments) > 0 && length(distinct(var.bigquery.arguments[*].name)) == length(var.bigquery.arguments) && alltrue([
      for argument in var.bigquery.arguments :
      can(regex("^[A-Za-z_][A-Za-z0-9_]*$", argument.name)) && contains(["BOOL", "INT64", "FLOAT64", "NUMERIC", "STRING"], argument.type)
    ])
    error_message = "bigquery.arguments must list the model's features in the model's order, each as { name, type } with a unique name and the type BOOL, INT64, FLOAT64, NUMERIC or STRING. Remote functions don't support ARRAY and STRUCT; a function with a JSON argument is always created."
  }

  validation {
    condition = var.bigquery == null ? true : (
      contains(["probability", "label", "score"], var.bigquery.output) && contains(["fail", "null"], var.bigquery.on_error)
      && contains(["BOOL", "INT64", "FLOAT64", "STRING", "JSON"], var.bigquery.returns)
    )
    error_message = "bigquery.output must be probability, label or score, on_error must be fail or null, and returns (the SQL type of the result) must be BOOL, INT64, FLOAT64, STRING or JSON."
  }

  validation {
    condition     = var.bigquery == null ? true : var.bigquery.max_rows >= 1 && floor(var.bigquery.max_rows) == var.bigquery.max_rows && var.bigquery.max_rows <= var.max_rows
    error_message = "bigquery.max_rows, the most rows of one request, must be a whole number from 1 to MAX_ROWS; the function refuses more with status 413."
  }
}
