"""The same model and the same load, side by side: build/bench.json, and the figures of docs/benchmarks.md.

python -m tests.load.peers.bench
"""

import json
import os
from collections.abc import Mapping
from datetime import datetime, timezone
from importlib.metadata import distributions
from pathlib import Path
from typing import Annotated, Any

import typer
from google.cloud import storage
from rich.console import Console

from function.model.bundle import read_bundle
from tests.load.peers import measuring, tensors
from tests.load.peers.document import write_document
from tests.load.peers.models import LIMIT, some_rows, unpack
from tests.load.peers.pinned import Pinned, keep_to_the_clients_core
from tests.load.peers.ratios import medians, ratios
from tests.load.peers.servers import SERVERS, Server
from tests.load.programs import Unusable
from tests.local_cloud import LocalCloud
from tests.local_cloud.running.environment import UV, environment_for, run
from tests.local_cloud.running.problem import BuildProblem
from tests.support.formats import ARROW, encoded, stream_of, table_of
from tests.support.function_process import ROOT

FOLDER = ROOT / "build" / "bench"
MODEL = ROOT / "build" / "flights" / "model.zip"
console = Console(stderr=True, highlight=False, markup=False)


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Of which the medians are taken.")] = 5,
    seconds: Annotated[float, typer.Option(min=1, help="Of each load.")] = 10,
    model: Annotated[Path, typer.Option(help="The bundle that everybody serves.")] = MODEL,
) -> None:
    """Measure everybody, round by round."""
    try:
        keep_to_the_clients_core()
        homes = {name: _home(server) for name, server in SERVERS.items()}
        unpack(model, FOLDER / "models")
        told = measure(homes, model, rounds, seconds)
    except Unusable as error:
        console.print(f"Error: {error}")
        raise typer.Exit(1) from error
    (ROOT / "build" / "bench.json").write_text(json.dumps(told, indent=1))
    write_document(told, ROOT / "docs")
    console.print(json.dumps(told["ratios"], indent=1))


def measure(homes: Mapping[str, Path], model: Path, rounds: int, seconds: float) -> dict[str, Any]:
    """Measure every server in each round, in the other direction every other round."""
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in SERVERS}
    for number in range(rounds):
        for name in list(SERVERS)[:: 1 if number % 2 == 0 else -1]:
            console.print(f"Round {number + 1} of {rounds}: {SERVERS[name].title} ...")
            with Pinned(SERVERS[name], homes[name], FOLDER / "models") as running:
                seen[name].append(measuring.throughput(running, seconds))
            if name == "taxiway":
                seen[name][-1]["first_answer_from_bucket"] = _from_bucket(homes[name], model)
    figures = {name: medians(each) for name, each in seen.items()}
    for name in SERVERS:
        console.print(f"Memory: {SERVERS[name].title} ...")
        with Pinned(SERVERS[name], homes[name], FOLDER / "models") as running:
            used = measuring.memory(running, seconds)
        figures[name] |= {"memory_requests": used.requests, "memory_half": used.half, "memory": used.all}
    large = _large(homes["taxiway"], model, seconds)
    console.print(f"Tensors of {measuring.LARGE_ROWS:,} rows ...")
    with Pinned(SERVERS["taxiway"], homes["taxiway"], FOLDER / "models") as running:
        by_tensors = tensors.measure(running, read_bundle(model.read_bytes(), LIMIT).manifest.name, seconds)
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "rounds": rounds,
        "seconds": seconds,
        "versions": {name: _versions(homes[name], server) for name, server in SERVERS.items()},
        "servers": figures,
        "large": large,
        "tensors": by_tensors,
        "ratios": {
            **ratios(figures, large["rows_rate"], large["sklearn_rate"]),
            "arrow_10k_to_json": large["arrow_rate"] / large["rows_rate"],
            "arrow_dictionary_10k_to_json": large["arrow_dictionary_rate"] / large["rows_rate"],
            "binary_to_json": by_tensors["binary_rate"] / by_tensors["json_rate"],
        },
    }


def _home(server: Server) -> Path:
    try:
        return environment_for(_requirements(server), FOLDER / "environments", server.python)
    except BuildProblem as error:
        raise Unusable(
            f"{server.title} needs a Python {server.python} that uv finds, and its packages: {error}"
        ) from error


def _requirements(server: Server) -> Path:
    """Return a requirements.txt; of a lock file, what it locks."""
    if server.requirements.name != "uv.lock":
        return server.requirements
    project, exported = server.requirements.parent, FOLDER / f"{server.requirements.parent.name}.txt"
    run([UV, "export", "--quiet", "--locked", "--no-header", "--project", project, "-o", exported], project)
    return exported


def _from_bucket(home: Path, model: Path) -> float:
    """Take the time to the first right answer where the model comes out of a bucket."""
    with LocalCloud() as cloud:
        os.environ.update(cloud.environment())
        client = storage.Client("bench")
        client.create_bucket("models").blob("model").upload_from_filename(model)
        with Pinned(SERVERS["taxiway"], home, FOLDER, {"MODEL_URI": "gs://models/model"}) as running:
            client.close()
            return running.first_answer


def _large(home: Path, model: Path, seconds: float) -> dict[str, float]:
    """Compare bodies of 10,000 rows with scikit-learn itself, whose labels are the right answer."""
    console.print(f"Bodies of {measuring.LARGE_ROWS:,} rows ...")
    body, rows = FOLDER / "rows.json", some_rows(model, measuring.LARGE_ROWS)
    body.write_text(json.dumps({"instances": rows}, separators=(",", ":")))
    rate, labels = measuring.sklearn_rows(home, FOLDER / "models" / "row" / "model.joblib", body, seconds)
    answer = json.dumps({"predictions": labels}, separators=(",", ":")).encode()
    with Pinned(SERVERS["taxiway"], home, FOLDER / "models") as running:
        figures = measuring.large(running, running.exchange_of("/predict/", body.read_bytes(), answer), seconds)
        table = table_of(rows)
        for name, content in {"arrow_rate": table, "arrow_dictionary_rate": encoded(table)}.items():
            # The response is JSON, and so the same.
            exchange = running.exchange_of("/invocations", stream_of(content), answer, ARROW)
            bodies = measuring.one_by_one(exchange, seconds)
            figures |= {name: bodies.rate * measuring.LARGE_ROWS, "unsound": max(figures["unsound"], bodies.unsound)}
    return {**figures, "sklearn_rate": rate, "p99_ratio": figures["p99_during"] / figures["p99_alone"]}


def _versions(home: Path, server: Server) -> dict[str, str]:
    (packages,) = home.glob("lib/python*/site-packages")
    installed = {each.name.lower(): each.version for each in distributions(path=[str(packages)])}
    python = packages.parent.name.removeprefix("python")
    return {"python": python, **{name: installed[name] for name in server.packages}}


if __name__ == "__main__":
    typer.run(main)
