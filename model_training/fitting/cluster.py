"""Run joblib's jobs on the cores of this machine, or on a Dask cluster."""

import asyncio
import hashlib
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile, ZipInfo

import joblib

import function

CONNECT_SECONDS = 10


class ClusterUnavailable(Exception):
    """A Dask cluster can't be used; `str(error)` is the message for the user."""


@contextmanager
def joblib_backend(scheduler: str | None, jobs: int) -> Iterator[None]:
    """Use `jobs` cores of this machine for joblib, or a Dask cluster if the address of its scheduler is given.

    Raises:
        ClusterUnavailable: the cluster can't be reached, has no workers, or is lost.
    """
    if scheduler is None:
        with joblib.parallel_config(n_jobs=jobs):
            yield
        return
    try:
        with _client(scheduler) as client:
            _wait_for_worker(client, scheduler)
            _send_code(client)
            with joblib.parallel_config(backend="dask"):
                yield
    except OSError:
        raise ClusterUnavailable(f"lost the connection to the Dask scheduler {scheduler}") from None


def _wait_for_worker(client: Any, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError:
        raise ClusterUnavailable(f"the Dask scheduler {scheduler} has no workers: start at least one") from None


def _send_code(client: Any) -> None:
    """Send the code of the pipelines' steps to the scheduler and the workers."""
    source, buffer = Path(function.__file__).parent, io.BytesIO()
    boosters = Path(__file__).parent / "boosters.py"
    packages = [folder / "__init__.py" for folder in (boosters.parent, boosters.parent.parent)]
    with ZipFile(buffer, "w") as archive:
        for file in [*sorted(source.rglob("*.py")), *packages, boosters]:
            archive.writestr(ZipInfo(str(file.relative_to(source.parent))), file.read_bytes())
    content = buffer.getvalue()
    with TemporaryDirectory() as folder:
        # A process that has imported from a zip cannot read another one of the same name.
        path = Path(folder) / f"taxiway_{hashlib.sha256(content).hexdigest()[:12]}.zip"
        path.write_bytes(content)
        client.upload_file(str(path), load=True)


def _client(scheduler: str) -> Any:
    from distributed import Client

    # distributed logs tracebacks of every problem; those that matter also raise an exception.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        asyncio.run(asyncio.wait_for(_check_scheduler(scheduler), CONNECT_SECONDS))
        return Client(scheduler, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except OSError:
        raise ClusterUnavailable(f"no Dask scheduler responded at {scheduler} within {CONNECT_SECONDS} s") from None
    except (ValueError, TypeError, MemoryError):
        raise ClusterUnavailable(
            f"{scheduler!r} is not the address of a Dask scheduler: it must be like tcp://HOST:8786"
        ) from None


async def _check_scheduler(address: str) -> None:
    """Check that a Dask scheduler runs at an address: a Client would wait for ever, or misread another protocol."""
    from distributed import rpc

    async with rpc(address) as peer:  # type: ignore[no-untyped-call]
        if (await peer.identity())["type"] != "Scheduler":
            raise ValueError(address)
