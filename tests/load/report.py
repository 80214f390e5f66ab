"""The report of a load: for a terminal, a page and a program."""

from pathlib import Path

import msgspec
from msgspec import Struct

from tests.load.figures import Figures
from tests.load.objectives import broken, promises
from tests.load.process_group import Usage
from tests.load.tables import Rows, markdown


class Phase(Struct, frozen=True):
    """One way of asking: what the client saw, and what the service used, where that can be known."""

    figures: Figures
    usage: Usage | None


class Report(Struct, frozen=True):
    """Both ways of asking a service."""

    url: str
    full: Phase
    constant: Phase

    @property
    def broken(self) -> list[str]:
        """The objectives that were missed, a sentence each."""
        return broken(self.full.figures, self.constant.figures)

    @property
    def tables(self) -> tuple[Rows, Rows]:
        """The figures, and the original's promises."""
        names = ["", "200 connections", "1,111 a second"]
        columns = [_column(phase) for phase in (self.full, self.constant)]
        rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
        return [names, *rows], promises(self.full.figures)

    def write(self, folder: Path) -> None:
        """Write load.json and load.md."""
        folder.mkdir(parents=True, exist_ok=True)
        content = {"url": self.url, "full": self.full, "constant": self.constant, "broken": self.broken}
        (folder / "load.json").write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1))
        verdict = "".join(f"- {sentence}\n" for sentence in self.broken) or "Every objective holds.\n"
        figures, promised = self.tables
        (folder / "load.md").write_text(f"## Load\n\n{markdown(figures)}\n{markdown(promised)}\n{verdict}")


def _column(phase: Phase) -> dict[str, str]:
    figures, usage = phase.figures, phase.usage
    return {
        "requests": f"{figures.requests:,}",
        "a second": f"{figures.rate:,.0f}",
        "p50, ms": f"{figures.p50:.1f}",
        "p95, ms": f"{figures.p95:.1f}",
        "p99, ms": f"{figures.p99:.1f}",
        "max, ms": f"{figures.max:.1f}",
        "non-2xx": str(figures.failed),
        "without an answer": str(figures.lost),
        "wrong answers, of those compared": f"{figures.wrong} of {figures.checked:,}",
        "CPUs used": f"{usage.cpus:.2f}" if usage else "-",
        "memory, MB": f"{usage.memory / 1e6:.0f}" if usage else "-",
    }
