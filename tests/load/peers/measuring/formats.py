"""Our bodies of 10,000 rows in other formats, what they do to a caller of single rows, and scikit-learn itself."""

import json
import subprocess
from pathlib import Path

import msgspec

from tests.load import hey, wrk
from tests.load.exchange import Exchange
from tests.load.figures import Figures
from tests.load.peers.measuring import tensors
from tests.load.peers.measuring.bench import Bench, Measured
from tests.load.peers.measuring.loads import one_by_one
from tests.load.peers.measuring.pinned import SERVER_CORE
from tests.load.peers.models import LARGE_ROWS, Model
from tests.load.peers.servers.server import serving
from tests.load.peers.servers.table import SERVERS
from tests.support.formats import ARROW, encoded, stream_of, table_of


def measure_formats(bench: Bench, name: str) -> Measured:
    """Measure Arrow, binary tensors, a caller beside large bodies, and scikit-learn in the same environment."""
    if SERVERS[name].role != "ours":
        return {}
    model, seconds = bench.model, bench.seconds
    answer = json.dumps({"predictions": model.row_labels}, separators=(",", ":")).encode()
    table = table_of(model.rows)
    with bench.started(name) as running:
        json_rows = running.exchange_of("/predict/", model.body, answer)
        figures = _beside(running.exchange_for("vector"), json_rows, seconds)
        for rate, content in {"arrow_rate": table, "arrow_dictionary_rate": encoded(table)}.items():
            # The response is JSON, and so the same.
            exchange = running.exchange_of("/invocations", stream_of(content), answer, ARROW)
            bodies = one_by_one(exchange, seconds)
            figures |= {rate: bodies.rate * LARGE_ROWS, "unsound": max(figures["unsound"], bodies.unsound)}
        by_tensors = tensors.measure(running, model.name, seconds)
    unsound = max(figures["unsound"], by_tensors["unsound"])
    return {**figures, **by_tensors, "unsound": unsound, "sklearn_rate": _sklearn(bench.homes[name], model, seconds)}


def _beside(single: Exchange, large: Exchange, seconds: float) -> Measured:
    """Measure a caller of single rows, alone and beside a caller of large bodies."""
    alone = _calls(single, seconds)
    # A process of its own, as long as the caller is measured and a little longer.
    with large.files() as files:
        words = ["-t1", "-c1", f"-d{int(seconds) + 2}s", "--timeout", wrk.PATIENCE, "-s", str(wrk.SCRIPT)]
        load = ["wrk", *words, large.url, "--", *map(str, files)]
        with subprocess.Popen(load, stdout=subprocess.PIPE, text=True) as beside:
            during = _calls(single, seconds)
            printed, _ = beside.communicate(timeout=seconds + 60)
    unsound = max(each.unsound for each in (alone, during, wrk.read(printed)))
    return {"p99_alone": alone.p99, "p99_during": during.p99, "unsound": unsound}


def _calls(exchange: Exchange, seconds: float) -> Figures:
    return hey.load_steadily(exchange, seconds, workers=1, rate_each=200)


def _sklearn(home: Path, model: Model, seconds: float) -> float:
    """Return how many rows a second scikit-learn predicts on the server's core."""
    (model.folder / "rows.json").write_bytes(model.body)
    script = [home / "bin" / "python", serving("sklearn_rows.py")]
    words = [model.folder / "row" / "model.joblib", model.folder / "rows.json", seconds]
    command = ["taskset", "-c", str(SERVER_CORE), *map(str, [*script, *words])]
    printed = subprocess.run(command, capture_output=True, check=True, timeout=seconds + 120).stdout
    return msgspec.json.decode(printed, type=float)
