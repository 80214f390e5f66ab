"""Put a local function under stress: a table, build/stress.json, and exit code 1 if a promise does not hold.

python -m tests.load.stress [SECONDS]
"""

import os
import sys
import tempfile
from pathlib import Path

from google.cloud import storage
from rich.console import Console

from function.model.bundle import JOBLIB, read_bundle, write_bundle
from model_training.commands.train import make_bundle
from model_training.fitting.estimators import EstimatorName
from tests.load.soak import Findings
from tests.load.stress.mixed import frozen, mixed
from tests.load.stress.overload import overload
from tests.load.stress.slow_clients import slow_clients
from tests.local_cloud import LocalCloud

LIMIT = 100_000_000
ROWS = 20_000


def main(seconds: float) -> int:
    """Run all scenarios, each for about so many seconds."""
    console, findings = Console(stderr=True), Findings()
    console.print("Training ...")
    trees = make_bundle(EstimatorName.HIST_GRADIENT_BOOSTING, ROWS, seed=0).data
    linear = [make_bundle(EstimatorName.LOGISTIC_REGRESSION, 5000, seed).data for seed in range(3)]
    with tempfile.TemporaryDirectory() as folder:
        compiled, uncompiled, first = (Path(folder, name) for name in ("trees.zip", "sklearn.zip", "linear.zip"))
        compiled.write_bytes(trees)
        bundle = read_bundle(trees, LIMIT)
        uncompiled.write_bytes(write_bundle(bundle.manifest, {JOBLIB: bundle.read(JOBLIB)}))
        first.write_bytes(linear[0])
        console.print("Overload of the event loop ...")
        overload("event loop", compiled, 40, seconds, findings)
        console.print("Overload of scikit-learn ...")
        overload("scikit-learn", uncompiled, 8, seconds, findings)
        console.print("Slow clients ...")
        slow_clients(first, seconds, findings)
    with LocalCloud() as cloud:
        os.environ.update(cloud.environment())
        blob = storage.Client("stress").create_bucket("models").blob("model")
        console.print("Large bodies, explanations, bad bodies, small requests and uploads ...")
        mixed(blob, linear, 2 * seconds, findings)
        console.print("Frozen after each response ...")
        frozen(blob, linear, 0.2, findings)
    return findings.report("stress")


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0))
