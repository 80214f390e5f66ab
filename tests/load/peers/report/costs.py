"""What the CPU time of predictions costs on Cloud Run, by the prices that the runbook lists."""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.support.function_process import ROOT

RUNBOOK = ROOT / "docs" / "runbook.md"
INSTANCE = re.compile(r"it answers it costs [^=]*= \$([\d.]+) a second")
"""An instance of 1 vCPU with its memory, while it answers."""


def price_of_a_second(runbook: Path = RUNBOOK) -> float:
    """Return the price in dollars of a second of an instance."""
    (price,) = INSTANCE.findall(" ".join(runbook.read_text().split()))
    return float(price)


def with_costs(figures: Mapping[str, float], price: float) -> dict[str, float]:
    """Add the dollars for a million requests, which is a price in millionths of a dollar for one."""
    costs = {
        f"{name}_cost": figures[f"{name}_cpu"] * 1e6 * price for name in ("vectors", "rows") if f"{name}_cpu" in figures
    }
    return {**figures, **costs}
