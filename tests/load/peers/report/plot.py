"""Bars of figures, as SVG."""

from xml.sax.saxutils import escape

from tests.load.peers.report.figures import FIGURES, Figures
from tests.load.peers.servers.table import SERVERS

PLOTTED = ("vectors_rate", "rows_rate", "large_rate", "first_answer", "p99_constant", "memory")
BAR, PANEL, LABELS, WIDTH = 18, 30, 150, 420


def plot(servers: Figures) -> str:
    """Draw a panel of bars for each figure."""
    parts, top = [], 0
    for name in PLOTTED:
        values = {key: figures[name] for key, figures in servers.items() if name in figures}
        parts.append(f'<text x="0" y="{top + 20}" font-weight="bold">{escape(FIGURES[name].title)}</text>')
        for number, (key, value) in enumerate(values.items()):
            share, written = value / max(values.values()), FIGURES[name].write(value)
            parts.append(_bar(SERVERS[key].title, share, written, top + PANEL + number * BAR))
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
