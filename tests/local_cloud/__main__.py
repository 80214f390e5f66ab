"""`python -m tests.local_cloud`: the local cloud in the foreground."""

import signal
import sys
from typing import Annotated

import typer

from tests.local_cloud.server import LocalCloud


def serve(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 9000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    project: Annotated[str, typer.Option(help="Id of the project that everything belongs to.")] = "rehearsal",
    bucket: Annotated[
        list[str] | None, typer.Option(help="Bucket to create, with versioning; may be repeated.")
    ] = None,
) -> None:
    """Run a small Google cloud on this machine, in memory, until Ctrl-C.

    It speaks the JSON APIs of Cloud Storage and of what Terraform deploys, and runs functions.
    Point the official clients at it with the environment variable that it prints. POST /_faults with JSON such as
    {"effect": "status", "status": 503, "kind": "download", "times": 2} makes calls fail,
    DELETE /_faults ends that, GET /_calls lists the calls so far, DELETE /_calls forgets them.
    """
    cloud = LocalCloud(host, port, project)
    for name in bucket or []:
        cloud.storage.buckets.insert(name, {"versioning": {"enabled": True}})
    for variable, value in cloud.environment().items():
        typer.echo(f"export {variable}={value}")
    # As Ctrl-C does, so that the functions are ended as well.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    cloud.run()


typer.run(serve)
