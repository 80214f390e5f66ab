"""The store of the live model: loads the model on first use, and replaces it by a newer one."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timezone

from function.errors import Missing, Refused, Unavailable, Unreachable
from function.live.source import FileVersion, Source
from function.logs import Severity, log, log_exception
from function.model.loaded import LoadedModel, load

RETRY_AFTER_SECONDS = 5
FIRST_BACKOFF_SECONDS = 1.0
TO_PUBLISH = "Publish one: `taxiway publish build/model.zip --to {uri}`."


@dataclass(frozen=True)
class Policy:
    """The limits and times of refreshes."""

    max_model_bytes: int
    refresh_seconds: float = 30.0
    """How long a model is served before a request checks for a newer one."""
    refresh_wait_seconds: float = 1.0
    """How long that request waits for the newer model before it uses the live one."""


@dataclass(frozen=True)
class Refusal:
    """A file that must not be served, and the reason."""

    file: FileVersion
    reason: str


@dataclass(frozen=True)
class Outage:
    """Why the model file could not be fetched at the last try, and since when."""

    reason: str
    since: datetime


class ModelStore:
    """The owner of the live model. Its coroutines belong to one event loop; it does nothing between requests."""

    def __init__(
        self, source: Source, policy: Policy, pool: Executor, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Create a store without a model.

        Args:
            source: where the model file is.
            policy: limits and times.
            pool: runs what blocks: metadata reads, downloads and checks.
            clock: returns seconds.
        """
        self.live: LoadedModel | None = None
        self.refused: Refusal | None = None
        self.unreachable: Outage | None = None
        self._source, self._policy, self._pool, self._clock = source, policy, pool, clock
        self._live_file: FileVersion | None = None
        self._next_refresh = 0.0
        self._backoff = 0.0
        self._pending: asyncio.Future[None] | None = None

    async def get(self) -> LoadedModel:
        """Return the live model, after a refresh if one is due.

        While there is no model, all callers wait for the same refresh. Otherwise the first caller after
        `refresh_seconds` starts a refresh and waits for it, up to `refresh_wait_seconds`; the others get the live
        model at once.

        Raises:
            Unavailable: there is no model; the message has the reason and what to do.
        """
        if self.live is None:
            await asyncio.shield(self._start_refresh())
        elif self._pending is None and self._clock() >= self._next_refresh:
            await asyncio.wait([self._start_refresh()], timeout=self._policy.refresh_wait_seconds)
        if self.live is None:
            raise Unavailable(self._instructions(), RETRY_AFTER_SECONDS)
        return self.live

    def preload(self, source: Source) -> None:
        """Load the model now, from a separate source, so that no connection survives a fork."""
        self._refresh(source)

    def _start_refresh(self) -> "asyncio.Future[None]":
        """Start a refresh in the pool, or return the pending one."""
        if self._pending is None:
            run = copy_context().run
            self._pending = asyncio.get_running_loop().run_in_executor(self._pool, run, self._refresh, self._source)
            self._pending.add_done_callback(self._on_refresh_done)
        return self._pending

    def _on_refresh_done(self, refresh: "asyncio.Future[None]") -> None:
        self._pending = None
        if not refresh.cancelled() and (error := refresh.exception()):
            log_exception("A refresh of the model failed unexpectedly.", error)
            self._next_refresh = self._clock() + self._policy.refresh_seconds

    def _refresh(self, source: Source) -> None:
        """Load the file if it is new, or record why that is not possible."""
        try:
            self._load_newest(source)
        except Unreachable as error:
            self._record_outage(error)
            wait = self._backoff = min(2 * self._backoff or FIRST_BACKOFF_SECONDS, self._policy.refresh_seconds)
        else:
            self.unreachable, self._backoff = None, 0.0
            wait = self._policy.refresh_seconds
        self._next_refresh = self._clock() + wait

    def _load_newest(self, source: Source) -> None:
        file = source.find(self._live_file)
        if file == self._live_file:
            # A file that was refused in the meantime has been replaced.
            self.refused = None
        elif self.refused is None or self.refused.file != file:
            try:
                self._load(source, file)
            except Missing:
                # The file was replaced during the download.
                self._load(source, source.find())

    def _load(self, source: Source, file: FileVersion) -> None:
        try:
            model = _read(source, file, self._policy.max_model_bytes)
        except Refused as error:
            # Logged first, so that whoever sees the state finds the record.
            self._log("WARNING", "A model file was refused.", "model_refused", file.generation, reason=str(error))
            self.refused = Refusal(file, str(error))
            return
        fields = {"generation": file.generation, "version": model.version, "engine": model.engine.name}
        log("INFO", "A model is live.", event="model_live", **fields)
        self.live, self._live_file, self.refused = model, file, None

    def _record_outage(self, error: Unreachable) -> None:
        """Record the reason and since when, and log the reason if it is new."""
        before = self.unreachable
        self.unreachable = Outage(str(error), before.since if before else datetime.now(timezone.utc))
        if before and before.reason == str(error):
            return
        if self.live is None:
            self._log("WARNING", "There is no model to serve.", "model_missing", None, reason=str(error))
        else:
            self._log("WARNING", "The model can't be refreshed.", "model_unreachable", None, reason=str(error))

    def _log(self, severity: Severity, message: str, event: str, generation: int | None, **fields: str) -> None:
        version = self.live and self.live.version
        log(severity, message, event=event, generation=generation, version=version, **fields)

    def _instructions(self) -> str:
        advice = TO_PUBLISH.format(uri=self._source.uri)
        if self.refused:
            return f"There is no model to serve: {self.refused.reason}. {advice}"
        reason = self.unreachable.reason if self.unreachable else "it is being loaded"
        return f"There is no model to serve: {reason}. {advice}"


def _read(source: Source, file: FileVersion, max_bytes: int) -> LoadedModel:
    """Download and load a file; refuse it if loading fails in any way, because its content is untrusted."""
    if file.size > max_bytes:
        raise Refused(f"the file has {file.size} bytes, over MAX_MODEL_BYTES, which is {max_bytes}")
    data = source.read(file)
    name = source.uri.rpartition("/")[2].partition(".")[0]
    try:
        return load(data, file.generation, max_bytes, name)
    except Refused:
        raise
    except Exception as error:
        log_exception("A model file could not be read.", error, generation=file.generation)
        raise Refused(f"reading it failed unexpectedly: {type(error).__name__}") from error
