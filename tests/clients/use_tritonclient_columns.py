"""`tritonclient` sends columns of any kind, each in every datatype that holds its values; predictions as JSON."""

import json
import sys
from typing import Any

import numpy as np
from tritonclient import http

DTYPES: dict[str, Any] = {
    "BYTES": object,
    "BOOL": bool,
    "INT8": np.int8,
    "INT64": np.int64,
    "UINT16": np.uint16,
    "FP16": np.float16,
    "FP32": np.float32,
    "FP64": np.float64,
}
OUTPUTS = ("predict", "predict_proba")


def main(url: str, name: str, columns: dict[str, list[Any]], datatypes: list[dict[str, str]]) -> list[Any]:
    """Ask for each choice of datatypes, with binary tensors and, without NaN, with JSON, where the client writes it."""
    client = http.InferenceServerClient(url.removeprefix("http://"))
    return [
        [
            predicted(client, name, columns, chosen, binary=binary)
            for binary in (None, True, False)
            if binary is not False or not any(None in columns[column] for column in chosen)
        ]
        for chosen in datatypes
    ]


def predicted(
    client: Any, name: str, columns: dict[str, list[Any]], datatypes: dict[str, str], *, binary: bool | None
) -> dict[str, Any]:
    """Return the outputs; with None, everything is the client's default."""
    inputs, options = [], {} if binary is None else {"binary_data": binary}
    for column, datatype in datatypes.items():
        values = np.array(columns[column], dtype=DTYPES[datatype])
        inputs.append(http.InferInput(column, values.shape, datatype).set_data_from_numpy(values, **options))
    outputs = None if binary is None else [http.InferRequestedOutput(each, **options) for each in OUTPUTS]
    result = client.infer(name, inputs, outputs=outputs)
    return {output: [text_of(value) for value in result.as_numpy(output).tolist()] for output in OUTPUTS}


def text_of(value: Any) -> Any:
    """Decode text."""
    return value.decode() if isinstance(value, bytes) else value


if __name__ == "__main__":
    print(json.dumps(main(**json.loads(sys.argv[1]))))  # noqa: T201
