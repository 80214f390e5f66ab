"""The same models and the same load, side by side: build/bench.json, and the figures of docs/benchmarks.md.

python -m tests.load.peers.bench [--only SERVER,...] [--parts PART,...]
"""

import json
from collections.abc import Collection
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from tests.load.peers.environments import home_of, versions_of
from tests.load.peers.measuring.bench import Bench, Measured
from tests.load.peers.measuring.parts import PARTS, measure
from tests.load.peers.measuring.pinned import keep_to_the_clients_core
from tests.load.peers.models import TREES, boosted, unpack
from tests.load.peers.report.costs import price_of_a_second, with_costs
from tests.load.peers.report.document import write_document
from tests.load.peers.report.figures import medians
from tests.load.peers.report.ratios import ratios
from tests.load.peers.report.terminal import by_figure
from tests.load.peers.servers.server import serving
from tests.load.peers.servers.table import SERVERS
from tests.load.programs import Unusable
from tests.load.tables import show
from tests.local_cloud.running.environment import run
from tests.support.function_process import ROOT

FOLDER = ROOT / "build" / "bench"
MODEL = ROOT / "build" / "flights" / "model.zip"
console = Console(stderr=True, highlight=False, markup=False)


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Of which the medians are taken.")] = 5,
    seconds: Annotated[float, typer.Option(min=1, help="Of each load.")] = 5,
    model: Annotated[Path, typer.Option(help="The bundle that everybody serves.")] = MODEL,
    only: Annotated[str, typer.Option(help=f"Servers, all if omitted: {', '.join(SERVERS)}.")] = "",
    parts: Annotated[str, typer.Option(help=f"What is measured, all if omitted: {', '.join(PARTS)}.")] = "",
) -> None:
    """Measure everybody, round by round; a choice of servers or parts is shown alone, and the page stays as it is."""
    names, chosen = _choice(only, SERVERS), _choice(parts, PARTS)
    try:
        bench = _prepare(names, chosen, model, seconds)
        told = measure_all(bench, names, chosen, rounds)
    except Unusable as error:
        console.print(f"Error: {error}")
        raise typer.Exit(1) from error
    whole = (names, chosen) == (list(SERVERS), list(PARTS))
    (ROOT / "build" / ("bench.json" if whole else "bench-part.json")).write_text(json.dumps(told, indent=1))
    if whole:
        write_document(told, ROOT / "docs")
    for table in by_figure(told["servers"]):
        show(table)
    console.print(json.dumps(told["ratios"], indent=1))


def measure_all(bench: Bench, names: list[str], parts: list[str], rounds: int) -> dict[str, Any]:
    """Measure every server in each round, in the other direction every other round."""
    seen: dict[str, list[Measured]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names[:: 1 if number % 2 == 0 else -1]:
            console.print(f"Round {number + 1} of {rounds}: {SERVERS[name].title} ...")
            seen[name].append(measure(bench, name, parts))
    price = price_of_a_second()
    figures = {name: with_costs(medians(each), price) for name, each in seen.items()}
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "rounds": rounds,
        "seconds": bench.seconds,
        "price": price,
        "versions": {name: versions_of(SERVERS[name], bench.homes[name]) for name in names},
        "servers": figures,
        "ratios": ratios(figures),
    }


def _prepare(names: list[str], parts: list[str], bundle: Path, seconds: float) -> Bench:
    """Make the environments and the models of a choice, and leave the servers' core."""
    homes = {name: home_of(SERVERS[name], FOLDER) for name in names}
    trees = {
        number: unpack(boosted(number, FOLDER), FOLDER / "models" / f"trees-{number}")
        for number in TREES
        if "trees" in parts
    }
    model = unpack(bundle, FOLDER / "models" / "default")
    for name in names:
        if script := SERVERS[name].convert:
            run([homes[name] / "bin" / "python", serving(script), model.folder], FOLDER)
    keep_to_the_clients_core()
    return Bench(homes, model, trees, seconds)


def _choice(words: str, known: Collection[str]) -> list[str]:
    """Return the names that were chosen, in the usual order."""
    wanted = [word.strip() for word in words.split(",") if word.strip()]
    if unknown := [word for word in wanted if word not in known]:
        raise typer.BadParameter(f"{', '.join(unknown)}: use {', '.join(known)}")
    return [name for name in known if not wanted or name in wanted]


if __name__ == "__main__":
    typer.run(main)
