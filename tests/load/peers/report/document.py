"""The figures of a run as a page: tables and a plot, between two marks of docs/benchmarks.md."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.load.peers.models import TREES
from tests.load.peers.report.figures import FIGURES, Figures
from tests.load.peers.report.losses import losses
from tests.load.peers.report.plot import plot
from tests.load.peers.servers.table import SERVERS
from tests.load.tables import Rows, markdown

MARKS = re.compile(r"(<!-- figures -->\n).*(<!-- end of figures -->)", re.DOTALL)
MAIN = (
    "first_answer",
    "first_answer_half",
    "vectors_rate",
    "rows_rate",
    "p50",
    "p99",
    "p99_constant",
    "unsound",
    "memory",
)
COSTS = ("vectors_cpu", "rows_cpu", "vectors_cost", "rows_cost")
LARGE = ("large_rate", *(f"trees_{trees}{kind}" for trees in TREES for kind in ("_rate", "_large_rate")))
OTHERS = (
    "Our first right answer with the model in a bucket: {first_answer_from_bucket:.2f} s, on half a core"
    " {first_answer_from_bucket_half:.2f} s. scikit-learn alone predicts {sklearn_rate:,.0f} rows a second of a"
    " table that is ready. Our bodies of 10,000 rows as Arrow: {arrow_rate:,.0f} rows a second, with dictionaries"
    " {arrow_dictionary_rate:,.0f}. The same number of encoded vectors as tensors of V2: {binary_rate:,.0f} in"
    " binary, {json_rate:,.0f} in JSON. A caller of single rows has a p99 of {p99_alone:.1f} ms alone and of"
    " {p99_during:.1f} ms beside bodies of 10,000 rows.\n"
)


def write_document(told: Mapping[str, Any], folder: Path) -> None:
    """Replace the figures of benchmarks.md, and draw benchmarks.svg; the text around them stays."""
    page = folder / "benchmarks.md"
    figures = f"{summary(told)}\n![Bars of the tables' figures](benchmarks.svg)\n\n"
    page.write_text(MARKS.sub(lambda marks: f"{marks[1]}\n{figures}{marks[2]}", page.read_text()))
    (folder / "benchmarks.svg").write_text(plot(told["servers"]))


def summary(told: Mapping[str, Any]) -> str:
    """Write the tables of a run."""
    servers: Figures = told["servers"]
    versions = [
        [SERVERS[name].title, ", ".join(map(" ".join, each.items()))] for name, each in told["versions"].items()
    ]
    ratios = [[f"`{name}`", f"{value:.2f}"] for name, value in told["ratios"].items()]
    return "\n".join(
        [
            f"Measured on {told['date']}: medians of {told['rounds']} rounds, {told['seconds']:g} s each load.\n",
            markdown(table(servers, MAIN)),
            f"At ${told['price']:f} for a second of an instance, the CPU time alone:\n",
            markdown(table(servers, COSTS)),
            markdown(table(servers, LARGE)),
            *_differing(servers),
            OTHERS.format_map(servers["taxiway"]),
            "### Where another server is better\n",
            _losses(servers),
            "### Ratios and versions\n",
            markdown([["ratio", "ours to theirs"], *ratios]),
            markdown([["", "versions"], *versions]),
        ]
    )


def table(servers: Figures, names: Sequence[str]) -> Rows:
    """Write figures as a table, without servers that have none of them."""
    head = ["", *(FIGURES[name].title for name in names)]
    rows = [
        [SERVERS[server].title, *(FIGURES[name].write(figures[name]) if name in figures else "-" for name in names)]
        for server, figures in servers.items()
        if any(name in figures for name in names)
    ]
    return [head, *rows]


def _losses(servers: Figures) -> str:
    found = [
        [
            FIGURES[loss.figure].title,
            SERVERS[loss.server].title,
            *map(FIGURES[loss.figure].write, (loss.theirs, loss.ours)),
            f"{loss.times:.2f}",
        ]
        for loss in losses(servers)
    ]
    if not found:
        return "In no figure.\n"
    return markdown([["figure", "server", "theirs", "ours", "times better"], *found])


def _differing(servers: Figures) -> list[str]:
    """Say which servers' labels are not scikit-learn's."""
    return [
        f"{SERVERS[server].title}: {value:,.0f} of 10,000 labels are not scikit-learn's (`{name}`).\n"
        for server, figures in servers.items()
        for name, value in figures.items()
        if name.endswith("_differing") and value
    ]
