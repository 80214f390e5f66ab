"""The figures of a run as a page: a table and a plot, between two marks of docs/benchmarks.md."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tests.load.peers.servers import SERVERS
from tests.load.tables import markdown

MARKS = re.compile(r"(<!-- figures -->\n).*(<!-- end of figures -->)", re.DOTALL)
COLUMNS: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "first_answer": ("first right answer, s", "{:.2f}".format),
    "first_answer_from_bucket": ("from a bucket, s", "{:.2f}".format),
    "rate": ("vectors a second", "{:,.0f}".format),
    "rows_rate": ("rows a second", "{:,.0f}".format),
    "p50": ("p50, ms", "{:.1f}".format),
    "p99": ("p99, ms", "{:.1f}".format),
    "p99_constant": ("p99 at 1,111 a second, ms", "{:.1f}".format),
    "unsound": ("failed or wrong", "{:.2%}".format),
    "memory": ("memory, MB", lambda size: f"{size / 1e6:.0f}"),
}
PLOTTED = ("rate", "rows_rate", "first_answer", "p99_constant", "memory")
BAR, PANEL, LABELS, WIDTH = 18, 30, 150, 420


def write_document(told: Mapping[str, Any], folder: Path) -> None:
    """Replace the figures of benchmarks.md, and draw benchmarks.svg; the text around them stays."""
    page = folder / "benchmarks.md"
    figures = f"{summary(told)}\n![Bars of the table's figures](benchmarks.svg)\n\n"
    page.write_text(MARKS.sub(lambda marks: f"{marks[1]}\n{figures}{marks[2]}", page.read_text()))
    (folder / "benchmarks.svg").write_text(plot(told["servers"]))


def summary(told: Mapping[str, Any]) -> str:
    """Write the tables of a run."""
    large = told["large"]
    head = ["", *(title for title, _ in COLUMNS.values())]
    rows = [[SERVERS[name].title, *_cells(figures)] for name, figures in told["servers"].items()]
    versions = [
        [SERVERS[name].title, ", ".join(map(" ".join, each.items()))] for name, each in told["versions"].items()
    ]
    ratios = [[f"`{name}`", f"{value:.2f}"] for name, value in told["ratios"].items()]
    memory = [
        [SERVERS[name].title, f"{each['memory_half'] / 1e6:.1f}", f"{each['memory'] / 1e6:.1f}"]
        for name, each in told["servers"].items()
    ]
    requests = told["servers"]["taxiway"]["memory_requests"]
    large_bodies = (
        f"Bodies of 10,000 rows: {large['rows_rate']:,.0f} rows a second, scikit-learn alone"
        f" {large['sklearn_rate']:,.0f}. As Arrow {large['arrow_rate']:,.0f}, with dictionaries"
        f" {large['arrow_dictionary_rate']:,.0f}. A caller of single rows has a p99 of"
        f" {large['p99_alone']:.1f} ms alone and of {large['p99_during']:.1f} ms beside them.\n"
    )
    tensors = (
        f"The same number of encoded vectors as tensors of V2: {told['tensors']['binary_rate']:,.0f} rows a second in"
        f" binary, {told['tensors']['json_rate']:,.0f} in JSON.\n"
    )
    return "\n".join(
        [
            f"Measured on {told['date']}: medians of {told['rounds']} rounds, {told['seconds']:g} s each load.\n",
            markdown([head, *rows]),
            markdown([["ratio", "ours to theirs"], *ratios]),
            large_bodies,
            tensors,
            markdown([["memory, MB", f"after {requests / 2:,.0f} requests", f"after {requests:,.0f}"], *memory]),
            markdown([["", "versions"], *versions]),
        ]
    )


def plot(servers: Mapping[str, Mapping[str, float]]) -> str:
    """Draw a panel of bars for each figure, as SVG."""
    parts, top = [], 0
    for name in PLOTTED:
        title, written = COLUMNS[name]
        values = {key: figures[name] for key, figures in servers.items() if name in figures}
        parts.append(f'<text x="0" y="{top + 20}" font-weight="bold">{escape(title)}</text>')
        for number, (key, value) in enumerate(values.items()):
            parts.append(
                _bar(SERVERS[key].title, value / max(values.values()), written(value), top + PANEL + number * BAR)
            )
        top += PANEL + BAR * len(values)
    size = f'width="{LABELS + WIDTH + 80}" height="{top + 10}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12" fill="#444">'
    return "\n".join([head, *parts, "</svg>", ""])


def _bar(title: str, share: float, value: str, top: int) -> str:
    length = round(WIDTH * share)
    return (
        f'<text x="0" y="{top + 12}">{escape(title)}</text>'
        f'<rect x="{LABELS}" y="{top + 2}" width="{length}" height="{BAR - 5}" fill="#4477aa"/>'
        f'<text x="{LABELS + length + 5}" y="{top + 12}">{value}</text>'
    )


def _cells(figures: Mapping[str, float]) -> list[str]:
    return [written(figures[name]) if name in figures else "-" for name, (_, written) in COLUMNS.items()]
