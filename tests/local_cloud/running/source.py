"""A function's source: the zip that was uploaded, unpacked."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.local_cloud.errors import CloudError
from tests.local_cloud.running.problem import BuildProblem
from tests.local_cloud.storage import Storage

NEEDED = ("main.py", "requirements.txt")


def fetch(storage: Storage, build: Mapping[str, Any]) -> bytes:
    """Return the zip that a function's buildConfig names; a BuildProblem when there is none."""
    source = build.get("source", {}).get("storageSource", {})
    generation = source.get("generation")
    try:
        bucket = storage.buckets.get(str(source.get("bucket", "")))
        name = str(source.get("object", ""))
        return bucket.objects.get(name, int(generation) if generation else None).content.data
    except CloudError as error:
        raise BuildProblem(f"The source {source} cannot be read: {error.message}") from error


def unpack(data: bytes, folder: Path) -> None:
    """Unpack a zip into a folder; a BuildProblem when it is none or lacks what a function needs."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            archive.extractall(folder)
    except zipfile.BadZipFile as error:
        raise BuildProblem(f"The source is no zip: {error}") from error
    for name in NEEDED:
        if not (folder / name).is_file():
            raise BuildProblem(f"The source has no {name} at its root")
