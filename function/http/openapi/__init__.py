"""The description of the HTTP surface: OpenAPI 3.1, made from the routes, the protocols and the live model."""
