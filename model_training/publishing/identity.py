"""What can be told of a model file without running anything in it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from function.errors import Refused
from function.model.bundle import is_bundle, read_bundle
from function.model.manifest import Manifest
from model_training.publishing.bucket import LiveObject, Stored

MAX_MODEL_BYTES = 256 * 2**20
"""The default of the function's setting of that name."""


@dataclass(frozen=True)
class Identity:
    """The content's version, and the manifest of a bundle; a bare joblib tells nothing more."""

    version: str
    manifest: Manifest | None = None


def identify(data: bytes) -> Identity:
    """Read the manifest of a file's bytes.

    Raises:
        Refused: it is too large, or a bundle that is not whole.
    """
    check_size(len(data))
    if not is_bundle(data):
        return Identity(hashlib.sha256(data).hexdigest()[:12])
    manifest = read_bundle(data, MAX_MODEL_BYTES).manifest
    return Identity(manifest.version, manifest)


def identify_stored(there: LiveObject, stored: Stored) -> Identity:
    """Download a generation and read its manifest.

    Raises:
        Refused: as above.
        BucketProblem: it could not be downloaded.
    """
    check_size(stored.size)
    return identify(there.download(stored.generation))


def check_size(size: int) -> None:
    """Refuse what is too large before it is read."""
    if size > MAX_MODEL_BYTES:
        raise Refused(f"the file has {size} bytes, over MAX_MODEL_BYTES, which is {MAX_MODEL_BYTES}")


def principal_metric(manifest: Manifest) -> tuple[str, float | None]:
    """Return the name of the metric by which two models of this task are compared, and its value on the hold-out."""
    from model_training.evaluation.metrics import PRINCIPAL

    name = PRINCIPAL[manifest.task]
    return name, manifest.metrics.get(name)


def labels_of(identity: Identity) -> Mapping[str, str]:
    """Return what the object shall say of itself, so that a list of versions need not download it."""
    labels = {"version": identity.version}
    if identity.manifest is None:
        return labels
    name, value = principal_metric(identity.manifest)
    return labels | {"name": identity.manifest.name} | ({} if value is None else {"metric": f"{name} {value:.4f}"})
