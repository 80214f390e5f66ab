"""Run graphs in the ONNX Runtime of this environment, and compare with the predictions beside them.

`old_runtime` runs this file in an environment of an old version, which has nothing of the project.
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime

TOLERANCE = 1e-12


def difference(path: Path) -> str:
    """Return how the outputs of a graph differ from those of the function; nothing if they do not."""
    saved = np.load(path.with_suffix(".npz"))
    fed = {name[3:]: saved[name] for name in saved.files if name.startswith("in ")}
    fed = {name: column.astype(object) if column.dtype.kind == "U" else column for name, column in fed.items()}
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for place, found in enumerate(session.run(None, fed)):
        wanted = saved[f"out {place}"]
        if found.dtype == np.float64:
            largest = float(np.max(np.abs(found - wanted) / np.maximum(1, np.abs(wanted))))
            if not largest <= TOLERANCE:
                return f"numbers differ by {largest:.2g}"
        elif differing := sum(a != b for a, b in zip(found.tolist(), wanted.tolist(), strict=True)):
            return f"{differing} labels differ"
    return ""


def main() -> int:
    """Compare all graphs of a folder; print those that differ."""
    paths = sorted(Path(sys.argv[1]).glob("*.onnx"))
    found = {path.stem: difference(path) for path in paths}
    for name, text in found.items():
        if text:
            print(f"{name}: {text}")  # noqa: T201 (a program)
    wrong = sum(map(bool, found.values()))
    print(f"ONNX Runtime {onnxruntime.__version__}: {len(paths)} graphs, {wrong} differ")  # noqa: T201
    return 1 if wrong or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
