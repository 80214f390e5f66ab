"""The HTTP layer: routes, request bodies, responses, pages and the OpenAPI document."""
