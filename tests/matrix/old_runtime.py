"""Export models of every kind, and run the graphs in the ONNX Runtime of BigQuery ML, 1.12.0.

`python -m tests.matrix.old_runtime` takes all models of the exact tests, or those whose name contains a text; uv takes
the old version, and Python 3.10 for it, from the package index.
"""

import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from function.model.loaded import load
from model_training.exporting.bigquery import check_limits
from model_training.exporting.graph.inputs import inputs_in
from tests.integration.exact.configurations import CONFIGURATIONS
from tests.matrix.old_versions import UVX
from tests.support.exports import LIMIT, accepted_rows, exported, packed_configuration

PYTHON = os.environ.get("OLD_PYTHON", "3.10")
"""The newest Python for which there is an ONNX Runtime 1.12.0, or a path to one."""
ENVIRONMENT = ("--python", PYTHON, "--with", "onnxruntime==1.12.0", "--with", "numpy<2")
ROWS = 1000


def write(name: str, folder: Path) -> None:
    """Write the graph of a model, rows at edges, and what the function predicts for them."""
    packed, X = packed_configuration(CONFIGURATIONS[name]())
    model, manifest = exported(packed.data)
    check_limits(model)
    served = load(packed.data, None, LIMIT)
    rows = accepted_rows(served, X, ROWS)
    wanted = served.predict_columns(served.schema.golden_columns(rows))
    arrays = {
        f"in {each.feature.name}": each.array(column)
        for each, column in zip(inputs_in(model, manifest.features), zip(*rows, strict=True), strict=True)
    }
    outputs = [wanted.labels] if wanted.probabilities is None else [wanted.labels, wanted.probabilities]
    arrays |= {f"out {place}": output for place, output in enumerate(outputs)}
    plain: dict[str, Any] = {
        key: array.astype(str) if array.dtype == object else array for key, array in arrays.items()
    }
    np.savez(folder / f"{name}.npz", **plain)
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())


def main() -> int:
    """Compare; return 1 if a graph differs."""
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        for name in CONFIGURATIONS:
            if only in name:
                write(name, Path(folder))
        script = Path(__file__).with_name("run_graphs.py")
        uv = str(Path(UVX).with_name("uv"))
        command = [uv, "run", "--quiet", "--no-project", *ENVIRONMENT, "python", str(script), folder]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
