"""The settings, read once from the environment into a frozen object."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

Positive = Annotated[int, Meta(gt=0)]
Seconds = Annotated[float, Meta(ge=0, le=86_400)]


class Settings(Struct, frozen=True, rename=str.upper):
    """What an operator may choose. Each field is the environment variable of the same name in capitals."""

    model_uri: Annotated[str, Meta(min_length=1)] = "build/model.zip"
    """Where the model is: `gs://BUCKET/OBJECT`, `file:///PATH` or a path."""
    preload: bool = False
    """Load the model while the process starts, rather than on the first request that needs it."""
    model_refresh_seconds: Seconds = 30.0
    """How long a model is served before a request asks whether there is a newer one."""
    model_refresh_wait_seconds: Seconds = 1.0
    """How long that request waits for the newer one before it is answered by the old."""
    max_body_bytes: Positive = 8 * 2**20
    """The largest request body, in bytes."""
    max_rows: Positive = 50_000
    """The most rows one request may hold."""
    max_model_bytes: Positive = 256 * 2**20
    """The largest model file, and the most its members may inflate to, in bytes."""
    trace_project: str = ""
    """The Google Cloud project whose traces log records are tied to; empty ties them to none."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings out of an environment such as `os.environ`; an empty variable counts as unset.

    Raises:
        SystemExit: naming the variable and what it may be.
    """
    names = {field.encode_name for field in msgspec.structs.fields(Settings)}
    chosen = {name: value for name, value in environment.items() if name in names and value}
    try:
        return msgspec.convert(chosen, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SystemExit(f"Environment variable out of range: {error}".replace(" - at `$.", ": `")) from None
