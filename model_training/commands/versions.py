"""List the versions of a model in its bucket."""

from typing import TYPE_CHECKING

from rich.filesize import decimal

from model_training.commands.support.console import columns, fail, say, step
from model_training.commands.support.options import To
from model_training.publishing.bucket import LiveObject, Stored
from model_training.publishing.bucket_errors import BucketError, GenerationDeleted

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADINGS = ("generation", "version", "published (UTC)", "hold-out metric", "size", "live", "")


def versions(to: To) -> None:
    """List the versions of a model in its bucket, newest first; `rollback` can restore each of them.

    Version and metric are labels that `publish` stored with the object. A file that was uploaded in another way is
    downloaded to read them; no code in it runs.
    """
    target = LiveObject(to)
    try:
        with step(f"Listing {to}"):
            found = target.versions()
        rows = [_row(stored, *_labels(target, stored)) for stored in found]
    except BucketError as error:
        fail(str(error))
    if not rows:
        fail(f"{to} has no versions: nothing has been published there.")
    columns(HEADINGS, rows)
    if len(rows) == 1:
        say("The bucket keeps earlier versions only if object versioning is on.")


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


def _labels(target: LiveObject, stored: Stored) -> "tuple[Mapping[str, str], str]":
    """Return the labels of a generation, and a remark on it."""
    from function.errors import Refused
    from model_training.publishing.identity import identify_stored, labels_of

    if "version" in stored.labels:
        return stored.labels, ""
    try:
        with step(f"Reading generation {stored.generation}"):
            identity = identify_stored(target, stored)
    except Refused as error:
        return {}, f"unreadable: {error}"
    except GenerationDeleted:
        return {}, "deleted since it was listed"
    return labels_of(identity), "" if identity.manifest else "not a bundle"
