"""A query in SQL: its rows, how BigQuery asks the function for them, and what scikit-learn says of each."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

from function.model.bundle import JOBLIB, read_bundle
from tests.load.peers.models import LIMIT, some_rows
from tests.local_cloud import Fault, LocalCloud
from tests.local_cloud.bigquery.remote_function import RemoteFunction
from tests.local_cloud.environment import OWNER

# Twelve full batches and a part of one: more than go at once.
ROWS = 12_345
BATCHES = 13
TOLERANCE = 1e-5


class Query:
    """Rows of flights, and scikit-learn's chance of each."""

    def __init__(self, model: Path) -> None:
        """Make up the rows; the pipeline in the bundle judges them."""
        flights = some_rows(model, ROWS)
        pipeline = joblib.load(io.BytesIO(read_bundle(model.read_bytes(), LIMIT).read(JOBLIB)))
        self.as_arguments = [list(flight.values()) for flight in flights]
        self.as_json = [[flight] for flight in flights]
        self._chances = pipeline.predict_proba(pd.DataFrame(flights))[:, 1]

    def run(self, cloud: LocalCloud, routine: str, rows: Sequence[Sequence[Any]]) -> str:
        """Ask for all rows: ten batches at once, the fourth also after it succeeded, one failed with 503 at first."""
        function = RemoteFunction.of(cloud.url, routine, OWNER)
        cloud.calls.clear()
        failing = cloud.faults.add(Fault("status", status=503, kind="invocation", times=1))
        answers = function.query(rows, repeated=[3])
        asked = cloud.calls.count("invocation")
        assert (failing.left, asked) == (0, BATCHES + 2), f"{asked} requests for {BATCHES} batches"
        worst = float(np.abs(np.array(answers) - self._chances).max())
        assert (len(answers), worst < TOLERANCE) == (ROWS, True), f"{len(answers)} answers, off by up to {worst}"
        return f"{len(answers)} rows in {asked} requests, each scikit-learn's"
