mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  project    = "example-project"
  source_zip = "versions.tf" # any file will do
  alerts     = { emails = ["oncall@example.com"] }
}

run "none_by_default" {
  command = plan

  assert {
    condition = alltrue([for made in [
      google_bigquery_connection.function, google_bigquery_dataset.functions, google_bigquery_routine.predict, google_cloud_run_v2_service_iam_member.bigquery
    ] : length(made) == 0])
    error_message = "Without the variable bigquery there must be no BigQuery resources."
  }
}

run "flights" {
  command = plan
  variables {
    name     = "flight-delay"
    bigquery = { region = "europe-west1", location = "EU" }
  }

  assert {
    condition = (
      google_bigquery_dataset.functions[0].dataset_id == "flight_delay" && google_bigquery_dataset.functions[0].location == "EU"
      && google_bigquery_connection.function[0].location == "EU" && keys(google_bigquery_routine.predict) == ["predict_delay", "predict_delay_json"]
    )
    error_message = "Dataset and connection must be in the same location, with two functions."
  }

  assert {
    condition = [for argument in google_bigquery_routine.predict["predict_delay"].arguments : "${argument.name} ${jsondecode(argument.data_type).typeKind}"] == [
      "carrier STRING", "month INT64", "origin STRING", "period STRING"
    ]
    error_message = "The arguments of predict_delay must be the features in the model's order."
  }

  assert {
    condition     = [for argument in google_bigquery_routine.predict["predict_delay_json"].arguments : "${argument.name} ${jsondecode(argument.data_type).typeKind}"] == ["row JSON"]
    error_message = "The argument of predict_delay_json must be a row as JSON."
  }

  assert {
    condition = alltrue([for routine in google_bigquery_routine.predict :
      routine.remote_function_options[0].endpoint == "https://taxiway-abc123-ew.a.run.app/bigquery"
      && routine.remote_function_options[0].connection == "projects/123456789012/locations/EU/connections/taxiway"
      && routine.remote_function_options[0].max_batching_rows == "1000"
      && routine.remote_function_options[0].user_defined_context == tomap({ output = "probability", on_error = "fail" })
      && jsondecode(routine.return_type).typeKind == "FLOAT64"
    ])
    error_message = "Both functions must post to /bigquery, with at most 1000 rows per request."
  }

  assert {
    condition = (
      google_cloud_run_v2_service_iam_member.bigquery[0].role == "roles/run.invoker" && google_cloud_run_v2_service_iam_member.bigquery[0].location == "europe-west1"
      && google_cloud_run_v2_service_iam_member.bigquery[0].member == "serviceAccount:bqcx-123456789012-abcd@gcp-sa-bigquery-condel.iam.gserviceaccount.com"
    )
    error_message = "The connection's service account must have roles/run.invoker only."
  }

  assert {
    condition     = output.sql == "SELECT *, `example-project`.flight_delay.predict_delay(carrier, month, origin, period) AS prediction FROM DATASET.TABLE"
    error_message = "The output sql must be a query that predicts."
  }
}

run "another_model" {
  command = plan
  variables {
    regions               = { europe-west1 = {}, us-central1 = {} }
    allow_unauthenticated = true
    load_balancer         = { domain = "houses.example.com", closed = false }
    environment           = { MAX_ROWS = "500" }
    bigquery = {
      region    = "us-central1", dataset = "houses", function = "price", max_rows = 500, output = "label", on_error = "null"
      arguments = [{ name = "area", type = "FLOAT64" }, { name = "city", type = "STRING" }]
    }
  }

  assert {
    condition = (
      google_bigquery_dataset.functions[0].location == "us-central1" && google_cloud_run_v2_service_iam_member.bigquery[0].location == "us-central1"
      && keys(google_bigquery_routine.predict) == ["price", "price_json"]
      && [for argument in google_bigquery_routine.predict["price"].arguments : argument.name] == ["area", "city"]
      && endswith(output.sql, ".price(area, city) AS prediction FROM DATASET.TABLE")
      && google_bigquery_routine.predict["price"].remote_function_options[0].max_batching_rows == "500"
      && google_bigquery_routine.predict["price"].remote_function_options[0].user_defined_context == tomap({ output = "label", on_error = "null" })
    )
    error_message = "BigQuery must call the function in the given region, with the given options."
  }
}

run "several_outputs" {
  command = plan
  variables {
    bigquery = { region = "europe-west1", output = "label", returns = "JSON" }
  }

  assert {
    condition = alltrue([for routine in google_bigquery_routine.predict :
      jsondecode(routine.return_type).typeKind == "JSON" && routine.remote_function_options[0].user_defined_context["output"] == "label"
    ])
    error_message = "The arrays of a model with several outputs must be returned as JSON."
  }
}

run "outliers" {
  command = plan
  variables {
    bigquery = { region = "europe-west1", output = "score" }
  }

  assert {
    condition     = alltrue([for routine in google_bigquery_routine.predict : routine.remote_function_options[0].user_defined_context["output"] == "score"])
    error_message = "The score of an outlier detector must be requested."
  }
}
