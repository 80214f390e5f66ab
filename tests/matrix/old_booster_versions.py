"""Pack files of old versions of XGBoost, LightGBM and CatBoost, and compare with what these versions predict.

`python -m tests.matrix.old_booster_versions` packs all of them; uv takes the versions from the package index.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from function.model.loaded import load, relative_difference
from function.model.plan.proof import Proof
from tests.matrix.old_boosters import MODELS, file_of
from tests.support.commands import run
from tests.support.function_process import ROOT

VERSIONS = {"xgboost": ("2.1.4", "3.0.5"), "lightgbm": ("3.3.5", "4.3.0"), "catboost": ("1.2.5", "1.2.7")}
PACKAGES = {"xgboost": "xgboost-cpu"}
BESIDE = ("scikit-learn==1.5.2", "numpy<2", "pandas<3")
"""Of other libraries what all these versions support."""
LIMIT = 100_000_000
UVX = str(Path(sys.executable).with_name("uvx"))


class Found(NamedTuple):
    """How a packed model differs from its own version, or why it was not packed."""

    rows: int = 0
    labels: int = 0
    """How many labels differ."""
    largest: float = 0.0
    """The largest difference of a number, relative to the larger of its magnitude and 1."""
    problem: str = ""


def fit(library: str, version: str, folder: Path, *names: str) -> None:
    """Fit models with a version of a library, in an environment of its own."""
    bounds = [f"{PACKAGES.get(library, library)}=={version}", *BESIDE]
    options = [option for bound in bounds for option in ("--with", bound)]
    script = [str(ROOT / "tests/matrix/old_boosters.py"), library, str(folder), *names]
    subprocess.run([UVX, "--python", "3.11", *options, "python", *script], cwd=folder, check=True)


def check(library: str, folder: Path, name: str) -> Found:
    """Pack a file with the project's own version of the library, and compare predictions."""
    marker = MODELS[library][name].marker
    options = [] if marker is None else ["--missing-number", str(marker)]
    file, sample, bundle = folder / file_of(library, name), folder / f"{name}.csv", folder / f"{name}.zip"
    packed = run("pack", file, "--data", sample, "--out", bundle, *options)
    if packed.exit_code:
        return Found(problem=" ".join(packed.stderr.split()))
    return compare(bundle, json.loads((folder / f"{name}.json").read_text()))


def compare(bundle: Path, wanted: dict[str, Any]) -> Found:
    """Compare what a bundle predicts with what was predicted for the same rows."""
    model = load(bundle.read_bytes(), None, LIMIT)
    rows = pd.DataFrame(wanted["rows"])[[feature.name for feature in model.manifest.features]]
    values = [[None if pd.isna(value) else value for value in row] for row in rows.to_numpy(dtype=object).tolist()]
    outputs, labels = model.predict_columns(model.schema.golden_columns(values)), np.array(wanted["labels"])
    assert isinstance(model.manifest.proof, Proof)
    if model.manifest.classes is None:
        differing, pairs = 0, (outputs.labels, labels.reshape(outputs.labels.shape))
    else:
        differing = int((np.asarray(outputs.labels) != labels.reshape(-1)).sum())
        pairs = (np.asarray(outputs.probabilities), np.array(wanted["probabilities"]))
    largest = float(relative_difference(*pairs).max())
    tolerance = model.manifest.proof.tolerance
    problem = f"{differing} labels differ" if differing else "" if largest <= tolerance else "numbers differ"
    return Found(len(rows), differing, largest, problem)


def main() -> None:
    """Check all models of all versions."""
    wrong = 0
    for library, versions in VERSIONS.items():
        for version in versions:
            with tempfile.TemporaryDirectory() as folder:
                fit(library, version, Path(folder))
                for name in MODELS[library]:
                    found = check(library, Path(folder), name)
                    figures = found.problem or f"equal in {found.rows} rows, numbers within {found.largest:.1e}"
                    print(f"{library} {version}  {name:24} {figures}", flush=True)  # noqa: T201 - a program
                    wrong += bool(found.problem)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
