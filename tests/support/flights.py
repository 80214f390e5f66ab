"""What is asked of the default model."""

from typing import Any

EXAMPLE = [0,0,0,0,0,1,0,1,0,0,1,0,1,0,1,0,1,0,1,0,0,1,0,0,1,0,1,0,0,1,1,1,0,1,0,1,0]  # fmt: skip
FLIGHT = {"carrier": "UA", "month": 7, "origin": "EWR", "period": "evening"}


def columns(rows: int, **changes: Any) -> dict[str, Any]:
    """Write the flight so many times, as the Open Inference Protocol has it; change fields of single inputs."""
    datatypes = {"month": "INT64"}
    tensors = [
        {"name": name, "shape": [rows], "datatype": datatypes.get(name, "BYTES"), "data": [value] * rows}
        for name, value in FLIGHT.items()
    ]
    return {"inputs": [{**tensor, **changes.get(str(tensor["name"]), {})} for tensor in tensors]}
