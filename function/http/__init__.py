"""HTTP: routes, request bodies, responses, pages and the OpenAPI document; nothing below it knows HTTP."""
