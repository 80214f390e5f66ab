"""Pack models of old versions of scikit-learn by the documented command, and compare what is served.

`python -m tests.matrix.old_versions` packs all of them; uv takes the versions from the package index.
"""

import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from function.model.joblib.versions import pack_command
from function.model.loaded import LoadedModel, load
from tests.matrix.old_models import NAMES
from tests.support.function_process import ROOT

VERSIONS = ("1.2.2", "1.5.2", "1.7.2")
LIMIT = 100_000_000
UVX = str(Path(sys.executable).with_name("uvx"))


def command_of(version: str) -> list[str]:
    """Return the documented command, without the arguments of `taxiway`."""
    return [UVX, *shlex.split(pack_command(version))[1:]]


def fit(version: str, folder: Path, *names: str) -> None:
    """Fit models with a version of scikit-learn, in an environment of its own."""
    *options, _ = command_of(version)
    # The same environment, so that it is made once; but Python itself is run in it.
    options[options.index("--from") + 1] = str(ROOT)
    script: list[str] = [str(ROOT / "tests/matrix/old_models.py"), str(folder), *names]
    subprocess.run([*options, "python", *script], cwd=folder, check=True)


def pack(version: str, folder: Path, name: str) -> str:
    """Pack a model by the documented command; return why that failed, or nothing."""
    words = ["pack", "--trust", str(folder / f"{name}.joblib"), "--data", str(folder / "sample.csv")]
    options = ["--out", str(folder / f"{name}.zip")]
    done = subprocess.run(
        [*command_of(version), *words, *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return " ".join(done.stderr.split()) if done.returncode else ""


def difference(folder: Path, name: str) -> str:
    """Return how the served model differs from what its own version predicted; nothing if it does not."""
    model = load((folder / f"{name}.zip").read_bytes(), None, LIMIT)
    expected, rows = json.loads((folder / f"{name}.json").read_text()), pd.read_csv(folder / "sample.csv")
    if model.engine.name == "sklearn":
        return "served by scikit-learn itself"
    return _difference(model, rows, expected)


def _difference(model: LoadedModel, rows: pd.DataFrame, expected: dict[str, list[object]]) -> str:
    values = [[None if pd.isna(value) else value for value in row] for row in rows.to_numpy(dtype=object).tolist()]
    outputs, tolerance = model.predict_columns(model.schema.golden_columns(values)), model.engine.tolerance
    if model.manifest.task == "regression":
        close = np.allclose(outputs.labels, np.array(expected["labels"]), rtol=tolerance, atol=tolerance)
        return "" if close else "other values"
    if outputs.labels.tolist() != expected["labels"]:
        return "other labels"
    if "probabilities" not in expected:
        return ""
    assert outputs.probabilities is not None
    largest = float(np.abs(outputs.probabilities - np.array(expected["probabilities"])).max())
    return "" if largest <= tolerance else f"probabilities differ by {largest:.2g}"


def check(version: str, folder: Path, name: str) -> str:
    """Pack a model and compare it; return what is wrong, or nothing."""
    return pack(version, folder, name) or difference(folder, name)


def main() -> None:
    """Pack and compare all models of all versions."""
    wrong = []
    for version in VERSIONS:
        with tempfile.TemporaryDirectory() as folder:
            fit(version, Path(folder))
            for name in NAMES:
                problem = check(version, Path(folder), name)
                print(f"scikit-learn {version}  {name:35} {problem or 'equal'}", flush=True)  # noqa: T201 - a program
                wrong += [name] if problem else []
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
