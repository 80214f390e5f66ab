"""How many rows a second scikit-learn itself predicts, on a table that is ready: prints it.

python sklearn_rows.py PIPELINE BODY SECONDS
"""

import json
import sys
import time
from pathlib import Path

import joblib
import pandas as pd


def main(pipeline: Path, body: Path, seconds: float) -> float:
    """Predict the rows of a body again and again."""
    estimator, table = joblib.load(pipeline), pd.DataFrame(json.loads(body.read_text())["instances"])
    estimator.predict(table)
    start, turns = time.perf_counter(), 0
    while time.perf_counter() < start + seconds:
        estimator.predict(table)
        turns += 1
    return turns * len(table) / (time.perf_counter() - start)


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])))  # noqa: T201
