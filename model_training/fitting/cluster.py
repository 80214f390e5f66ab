"""Where joblib works: on the cores of this machine, or of a Dask cluster."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import joblib

CONNECT_SECONDS = 10


class NoCluster(Exception):
    """A Dask cluster that can't be used; `str(error)` says why."""


@contextmanager
def cores(scheduler: str | None, jobs: int) -> Iterator[None]:
    """Have joblib work on this machine's cores, or on a Dask cluster's.

    Raises:
        NoCluster: it can't be reached, has no workers, or is lost.
    """
    if scheduler is None:
        with joblib.parallel_config(n_jobs=jobs):
            yield
        return
    try:
        with _client(scheduler) as client:
            _wait_for_worker(client, scheduler)
            with joblib.parallel_config(backend="dask"):
                yield
    except OSError:
        raise NoCluster(f"the Dask scheduler {scheduler} answers no more") from None


def _wait_for_worker(client: Any, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError:
        raise NoCluster(f"the Dask scheduler {scheduler} has no workers") from None


def _client(scheduler: str) -> Any:
    from distributed import Client

    # It tells of its troubles in tracebacks; what matters comes as an exception.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        asyncio.run(asyncio.wait_for(_greet(scheduler), CONNECT_SECONDS))
        return Client(scheduler, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except OSError:
        raise NoCluster(f"no Dask scheduler answers at {scheduler} within {CONNECT_SECONDS} s") from None
    except (ValueError, TypeError, MemoryError):
        raise NoCluster(f"{scheduler!r} is no address of a Dask scheduler, such as tcp://host:8786") from None


async def _greet(address: str) -> None:
    """Ask who is there. A client waits for ever for one that is silent, and takes any bytes for lengths."""
    from distributed import rpc

    async with rpc(address) as peer:  # type: ignore[no-untyped-call]
        if (await peer.identity())["type"] != "Scheduler":
            raise ValueError(address)
