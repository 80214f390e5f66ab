"""What a load must show, and what the original service promised."""

from tests.load.figures import Figures

UNSOUND = 0.0005
"""The share of requests that may fail or be answered wrongly."""
P95_MS = 200.0
"""At the constant rate."""
PROMISED_REQUESTS, PROMISED_SECONDS, PROMISED_MS = 50_000, 45, 200.0
"""Of the original service, under wrk with 12 threads and 200 connections."""


def broken(full: Figures, constant: Figures) -> list[str]:
    """Name the objectives that were missed, at full load and at the constant rate."""
    found = [
        f"{name}: {figures.unsound:.3%} of the requests failed or were answered wrongly; {UNSOUND:.2%} may"
        for name, figures in (("full load", full), ("constant rate", constant))
        if not figures.unsound <= UNSOUND
    ]
    if not constant.p95 <= P95_MS:
        found.append(f"constant rate: p95 is {constant.p95:.1f} ms; {P95_MS:g} may pass")
    return found


def promises(full: Figures) -> list[list[str]]:
    """Put the original's promises beside what was measured under the same load, as rows of a table."""
    requests = full.rate * PROMISED_SECONDS
    return [
        ["the original's promise", "promised", "measured"],
        [f"requests in {PROMISED_SECONDS} s on 200 connections", f"{PROMISED_REQUESTS:,}", f"{requests:,.0f}"],
        ["their time, ms", f"under {PROMISED_MS:g}", f"p50 {full.p50:.0f}, p95 {full.p95:.0f}, max {full.max:.0f}"],
    ]
