"""What schemathesis is not to generate."""

from typing import Any

import schemathesis

JSON_TYPE = "application/json"


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """Leave out bodies that are no JSON: of CSV, NDJSON and Arrow, a schema can't say which text or bytes are valid."""
    for operations in raw_schema["paths"].values():
        for operation in operations.values():
            if body := operation.get("requestBody"):
                body["content"] = {JSON_TYPE: body["content"][JSON_TYPE]}
