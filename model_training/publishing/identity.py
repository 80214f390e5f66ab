"""Read the version and manifest of a model file without running anything in it."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

from function.errors import Refused
from function.model.bundle import MAX_MODEL_BYTES, is_bundle, read_bundle
from function.model.manifest import Manifest
from model_training.publishing.bucket import LiveObject, Stored


def max_model_bytes() -> int:
    """Return the largest model that the function accepts: its setting MAX_MODEL_BYTES, if that is set here too.

    Raises:
        Refused: the environment variable is not a number of bytes.
    """
    text = os.environ.get("MAX_MODEL_BYTES") or str(MAX_MODEL_BYTES)
    if not text.isascii() or not text.isdigit() or not int(text):
        raise Refused("the environment variable MAX_MODEL_BYTES must be a number of bytes above 0")
    return int(text)


@dataclass(frozen=True)
class Identity:
    """The version of a model file's content, and the manifest of a bundle; a bare joblib file has no manifest."""

    version: str
    manifest: Manifest | None = None


def identify(data: bytes) -> Identity:
    """Read the version and manifest from the bytes of a model file.

    Raises:
        Refused: the file is too large, or an incomplete bundle.
    """
    check_size(len(data))
    if not is_bundle(data):
        return Identity(hashlib.sha256(data).hexdigest()[:12])
    manifest = read_bundle(data, max_model_bytes()).manifest
    return Identity(manifest.version, manifest)


def identify_stored(target: LiveObject, stored: Stored) -> Identity:
    """Download a generation, and read its version and manifest.

    Raises:
        Refused: the file is too large, or an incomplete bundle.
        BucketError: the generation can't be downloaded.
    """
    check_size(stored.size)
    return identify(target.download(stored.generation))


def check_size(size: int) -> None:
    """Raise Refused if a file is too large, before it is read."""
    if size > (limit := max_model_bytes()):
        raise Refused(f"the file has {size:,} bytes, over MAX_MODEL_BYTES ({limit:,})")


def principal_metric(manifest: Manifest) -> tuple[str, float | None]:
    """Return the name and hold-out value of the metric that compares two models of the same task; "" if it has none."""
    from model_training.evaluation.metrics import PRINCIPAL

    name = PRINCIPAL.get(manifest.task, "")
    return name, manifest.metrics.get(name)


def labels_of(identity: Identity) -> Mapping[str, str]:
    """Return the labels to store with the object, so that `versions` lists it without a download."""
    labels = {"version": identity.version}
    if identity.manifest is None:
        return labels
    name, value = principal_metric(identity.manifest)
    return labels | {"name": identity.manifest.name} | ({} if value is None else {"metric": f"{name} {value:.4f}"})
