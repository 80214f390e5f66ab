"""Numbers and JSON out of what a caller sent."""

from typing import Any

import msgspec

from tests.local_cloud.errors import CloudError


def parse_number(parameter: str, text: str | None) -> int | None:
    """Read the number of a parameter, None when absent; 400 when it is not a number."""
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        raise CloudError(400, f"Invalid value for {parameter}: {text}") from None


def parse_object(data: bytes) -> dict[str, Any]:
    """Read a JSON object, an empty one when there is no data; 400 when it is none."""
    try:
        return msgspec.json.decode(data or b"{}", type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise CloudError(400, f"Parse Error: {error}") from error
