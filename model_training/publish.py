"""Upload a bundle to the live name, guarded by generation."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from function.errors import Refused
from function.model.source import split_bucket_uri, storage_client
from model_training.console import fail, output, step

if TYPE_CHECKING:
    from function.model.live import LiveModel

MAX_MODEL_BYTES = 256 * 2**20


def publish(
    bundle: Annotated[Path, typer.Argument(help="The model file.")] = Path("build/model.zip"),
    to: Annotated[str, typer.Option(envvar="MODEL_URI", help="Where to: gs://BUCKET/OBJECT.")] = "",
) -> None:
    """Check a bundle as the function will, and upload it; whoever has published meanwhile wins."""
    try:
        bucket, name = split_bucket_uri(to)
        data = bundle.read_bytes()
    except ValueError:
        raise typer.BadParameter("must be gs://BUCKET/OBJECT", param_hint="--to") from None
    except OSError as error:
        fail(f"{bundle} can't be read: {error.strerror}")
    with step("Trying the model as the function will"):
        model = _try(data)
    with step(f"Uploading {len(data):,} bytes to {to}"):
        generation = _upload(data, bucket, name)
    output.print(f"Published {model.manifest.name} {model.version} as generation {generation} of {to}.")


def _try(data: bytes) -> "LiveModel":
    from function.model.live import load

    try:
        return load(data, None, MAX_MODEL_BYTES)
    except Refused as error:
        fail(f"the function would refuse this file: {error}.")


def _upload(data: bytes, bucket: str, name: str) -> int:
    from google.api_core.exceptions import GoogleAPIError, PreconditionFailed
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException

    objects = storage_client().bucket(bucket)
    try:
        live = objects.get_blob(name)
        blob = objects.blob(name)
        expected = int(live.generation) if live else 0
        blob.upload_from_string(data, "application/octet-stream", if_generation_match=expected)
    except PreconditionFailed:
        fail(f"somebody else published to gs://{bucket}/{name} meanwhile; look at theirs, then publish again.")
    except (GoogleAPIError, GoogleAuthError, RequestException) as error:
        fail(f"gs://{bucket}/{name}: {error}")
    return int(blob.generation)
