"""The settings of the function, read once from the environment into a frozen object."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from function.live.source import open_source
from function.model.bundle import MAX_MODEL_BYTES

Positive = Annotated[int, Meta(gt=0)]
Seconds = Annotated[float, Meta(ge=0, le=86_400)]
# Any origin, or a list of schemes with hosts and ports; https://fetch.spec.whatwg.org/#origin-header
_ORIGINS = r"^(\*|https?://[^/\s,*]+(\s*,\s*https?://[^/\s,*]+)*)?$"


class Settings(Struct, frozen=True, rename=str.upper):
    """The settings of the function. Each field is the environment variable of the same name in capitals."""

    model_uri: Annotated[str, Meta(min_length=1)] = "build/model.zip"
    """Address of the model: `gs://BUCKET/OBJECT`, `file:///PATH` or a path."""
    preload: bool = False
    """Load the model while the process starts, rather than on the first request that needs it."""
    model_refresh_seconds: Seconds = 30.0
    """How many seconds a model is served before a request checks for a newer one."""
    model_refresh_wait_seconds: Seconds = 1.0
    """How many seconds that request waits for the newer model before it uses the old one."""
    max_body_bytes: Positive = 8 * 2**20
    """Maximum size of a request body, in bytes."""
    max_rows: Positive = 50_000
    """Maximum number of rows in a request."""
    max_model_bytes: Positive = MAX_MODEL_BYTES
    """Maximum size of a model file, compressed and decompressed, in bytes."""
    max_waiting_requests: Positive = 256
    """Maximum number of requests that wait for a prediction; a further one gets 503 at once."""
    request_seconds: Annotated[float, Meta(gt=0, le=3600)] = 30.0
    """How many seconds a request may take, its body included."""
    cors_origins: Annotated[str, Meta(pattern=_ORIGINS)] = ""
    """Origins, separated by commas, whose pages may call the function from a browser; `*` for all."""
    metrics: bool = False
    """Count requests and times, and show them at `GET /metrics`."""
    trace_project: str = ""
    """Google Cloud project of the traces that log records refer to; if empty, they refer to none."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from an environment such as `os.environ`; an empty variable counts as unset.

    Raises:
        SystemExit: a variable has an invalid value; the message has its name and what is allowed.
    """
    names = {field.encode_name for field in msgspec.structs.fields(Settings)}
    chosen = {name: value for name, value in environment.items() if name in names and value}
    try:
        settings = msgspec.convert(chosen, Settings, strict=False)
    except msgspec.ValidationError as error:
        expected, _, name = str(error).removesuffix("`").partition(" - at `$.")
        raise _invalid(name, expected) from None
    try:
        open_source(settings.model_uri)
    except ValueError as error:
        raise _invalid("MODEL_URI", str(error)) from None
    return settings


def _invalid(name: str, reason: str) -> SystemExit:
    return SystemExit(f"The environment variable {name} has an invalid value: {reason}.")
