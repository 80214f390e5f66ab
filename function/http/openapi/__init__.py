"""The OpenAPI document, generated from the routes, the protocols and the live model."""
