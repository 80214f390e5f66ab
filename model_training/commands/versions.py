"""List the versions of a model that its bucket keeps."""

from typing import TYPE_CHECKING

from rich.filesize import decimal

from model_training.commands.support.console import columns, fail, say, step
from model_training.commands.support.options import To
from model_training.publishing.bucket import LiveObject, Stored
from model_training.publishing.bucket_errors import BucketProblem, Gone

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADINGS = ("generation", "version", "when (UTC)", "hold-out", "size", "live", "")


def versions(to: To) -> None:
    """List the versions that the bucket keeps, newest first: what `rollback` can bring back.

    Version and metric are what `publish` wrote beside the object; a file that came otherwise is
    downloaded and read, and runs nothing.
    """
    there = LiveObject(to)
    try:
        with step(f"Listing {to}"):
            found = there.versions()
        rows = [_row(stored, *_told(there, stored)) for stored in found]
    except BucketProblem as error:
        fail(str(error))
    if not rows:
        fail(f"{to} has no versions: nothing has been published there.")
    columns(HEADINGS, rows)
    if len(rows) == 1:
        say("A bucket keeps earlier versions once object versioning is on.")


def _row(stored: Stored, labels: "Mapping[str, str]", remark: str) -> list[str]:
    return [
        str(stored.generation),
        labels.get("version", "-"),
        f"{stored.created:%Y-%m-%d %H:%M:%S}",
        labels.get("metric", "-"),
        decimal(stored.size),
        "live" if stored.live else "",
        remark,
    ]


def _told(there: LiveObject, stored: Stored) -> "tuple[Mapping[str, str], str]":
    """Return what is known of a generation, and a remark on it."""
    from function.errors import Refused
    from model_training.publishing.identity import identify_stored, labels_of

    if "version" in stored.labels:
        return stored.labels, ""
    try:
        with step(f"Reading generation {stored.generation}"):
            identity = identify_stored(there, stored)
    except Refused as error:
        return {}, f"unreadable: {error}"
    except Gone:
        return {}, "deleted meanwhile"
    return labels_of(identity), "" if identity.manifest else "no bundle"
