"""The original service's own load, with every answer checked: a table, build/load.json, and exit code 1 if it fails.

python -m tests.load.load
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from tests.load import hey, wrk
from tests.load.exchange import Exchange, of_live_model
from tests.load.figures import Figures
from tests.load.process_group import watch
from tests.load.programs import Unusable
from tests.load.report import Phase, Report
from tests.load.tables import show
from tests.support.function_process import ROOT, FunctionProcess

BODY = b'{"test_array":[0,0,0,0,0,1,0,1,0,0,1,0,1,0,1,0,1,0,1,0,0,1,0,0,1,0,1,0,0,1,1,1,0,1,0,1,0]}'
"""The original service's example."""
ANSWER = b'{"prediction":0}'
PRODUCTION = {"LOG_EXECUTION_ID": "true"}
"""What Terraform sets besides the model's place."""
WARM_UP = 20
console = Console(stderr=True, highlight=False, markup=False)


def main(
    url: Annotated[str, typer.Option(help="A function elsewhere; ID_TOKEN of the environment goes along.")] = "",
    seconds: Annotated[float, typer.Option(min=1, help="Of each of the two loads.")] = 45,
    model: Annotated[Path, typer.Option(help="What a function started here serves.")] = Path("build/flights/model.zip"),
    body: Annotated[
        Path | None, typer.Option(help="What is posted; else the example of the default model, or of the one at --url.")
    ] = None,
    answer: Annotated[Path | None, typer.Option(help="Its right answer, to the byte.")] = None,
    out: Annotated[Path, typer.Option(help="Where load.json and load.md go.")] = ROOT / "build",
) -> None:
    """Ask a function over 200 connections, then at a constant rate."""
    content = body.read_bytes() if body else BODY, answer.read_bytes() if answer else ANSWER
    try:
        with _service(url.rstrip("/"), model) as (base, leader):
            exchange = Exchange(f"{base}/predict/", *content)
            report = _load(_fitting(base, exchange) if url and not body else exchange, seconds, leader)
    except Unusable as error:
        console.print(f"Error: {error}")
        raise typer.Exit(1) from error
    report.write(out)
    for table in report.tables:
        show(table)
    for sentence in report.broken:
        console.print(f"Broken: {sentence}.")
    raise typer.Exit(1 if report.broken else 0)


@contextmanager
def _service(url: str, model: Path) -> Iterator[tuple[str, int | None]]:
    """Start a function as in production, unless one runs elsewhere; give its address and its group's leader."""
    if url:
        yield url, None
        return
    with FunctionProcess({**PRODUCTION, "MODEL_URI": str(model.absolute())}) as function:
        yield function.url, function.pid


def _fitting(base: str, default: Exchange) -> Exchange:
    """Return a request that fits the live model of a function."""
    try:
        return of_live_model(base, default)
    except httpx.HTTPStatusError as error:
        raise Unusable(f"{error.request.url} answers {error.response.status_code}") from error
    except httpx.HTTPError as error:
        raise Unusable(f"{base} does not answer: {type(error).__name__}") from error


def _load(exchange: Exchange, seconds: float, leader: int | None) -> Report:
    warm_up(exchange)
    console.print(f"{exchange.url}: {wrk.CONNECTIONS} connections for {seconds:g} s ...")
    full = _phase(lambda: wrk.load(exchange, seconds), leader)
    console.print(f"{hey.RATE:,.0f} requests a second for {seconds:g} s ...")
    return Report(exchange.url, full, _phase(lambda: hey.load_steadily(exchange, seconds), leader))


def warm_up(exchange: Exchange) -> None:
    """Have the model loaded, and see that it is the one whose answer is known.

    Raises:
        Unusable: it never gives the right answer.
    """
    try:
        with httpx.Client(timeout=60) as client:
            responses = [exchange.ask(client) for _ in range(WARM_UP)]
    except httpx.HTTPError as error:
        raise Unusable(f"{exchange.url} does not answer: {type(error).__name__}") from error
    if not any(map(exchange.holds, responses)):
        last = responses[-1]
        raise Unusable(f"{exchange.url} answers {last.status_code} {last.text[:200]!r}, not {exchange.answer.decode()}")


def _phase(load: Callable[[], Figures], leader: int | None) -> Phase:
    stop = watch(leader) if leader else None
    figures = load()
    return Phase(figures, stop() if stop else None)


if __name__ == "__main__":
    typer.run(main)
