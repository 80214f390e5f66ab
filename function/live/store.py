"""The store of the live model: loads the model on first use, and replaces it by a newer one."""

import asyncio
import math
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import copy_context
from datetime import datetime, timezone

from msgspec import Struct
from msgspec.structs import replace

from function.errors import Missing, Refused, Unavailable, Unreachable
from function.live.source import FileVersion, Source
from function.logs import Severity, log, log_exception
from function.model.loaded import LoadedModel, load

RETRY_AFTER_SECONDS = 5
FIRST_BACKOFF_SECONDS = 1.0
TO_PUBLISH = "Publish one: `taxiway publish build/model.zip --to {uri}`."


class Policy(Struct, frozen=True):
    """The limits and times of refreshes."""

    max_model_bytes: int
    refresh_seconds: float = 30.0
    """How long a model is served before a request checks for a newer one."""
    refresh_wait_seconds: float = 1.0
    """How long that request waits for the newer model before it uses the live one."""


class Refusal(Struct, frozen=True):
    """A file that must not be served, and the reason."""

    file: FileVersion
    reason: str


class Outage(Struct, frozen=True):
    """Why the model file could not be fetched at the last try, and since when."""

    reason: str
    since: datetime


class State(Struct, frozen=True, eq=False, weakref=True):
    """What the last refreshes found; immutable, so that a reader never sees halves of two states."""

    live: LoadedModel | None = None
    file: FileVersion | None = None
    """The file of the live model."""
    refused: Refusal | None = None
    unreachable: Outage | None = None


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
        self.state = State()
        self._source, self._policy, self._pool, self._clock = source, policy, pool, clock
        self._next_refresh = 0.0
        self._backoff = 0.0
        self._pending: asyncio.Future[None] | None = None
        self._awaited = False

    @property
    def live(self) -> LoadedModel | None:
        """The live model, if there is one."""
        return self.state.live

    async def get(self) -> LoadedModel:
        """Return the live model, after a refresh if one is due.

        While there is no model, all callers wait for the same refresh; until the next one is due, they fail at once.
        With a model, one caller at a time waits for the refresh that is due or pending, up to `refresh_wait_seconds`;
        the others get the live model at once.

        Raises:
            Unavailable: there is no model; the message has the reason and what to do.
        """
        if self.state.live is None:
            if self._pending is not None or self._is_due():
                await asyncio.shield(self._start_refresh())
        elif not self._awaited and (self._pending is not None or self._is_due()):
            await self._wait_for_refresh()
        if (live := self.state.live) is None:
            raise self.unavailable()
        return live

    def preload(self, source: Source) -> None:
        """Load the model now, from a separate source, so that no connection survives a fork."""
        self._refresh(source)
        if self.state.live is None:
            self._next_refresh = 0.0

    def unavailable(self) -> Unavailable:
        """Describe why there is no model, what to do, and when the next refresh is due."""
        seconds = RETRY_AFTER_SECONDS if self._pending else math.ceil(self._next_refresh - self._clock())
        advice = TO_PUBLISH.format(uri=self._source.uri)
        return Unavailable(f"There is no model to serve: {self._reason()}. {advice}", max(1, seconds))

    def _reason(self) -> str:
        if reason := self.state.unreachable or self.state.refused:
            return reason.reason
        return "it is being loaded" if self._pending else "loading it failed unexpectedly"

    def _is_due(self) -> bool:
        return self._clock() >= self._next_refresh

    async def _wait_for_refresh(self) -> None:
        """Wait as the only request; the platform may freeze the process, and the refresh, while none is handled."""
        self._awaited = True
        try:
            await asyncio.wait([self._start_refresh()], timeout=self._policy.refresh_wait_seconds)
        finally:
            self._awaited = False

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
            state = self._newest(source)
        except Unreachable as error:
            state = self._with_outage(error)
            wait = self._backoff = min(2 * self._backoff or FIRST_BACKOFF_SECONDS, self._policy.refresh_seconds)
        else:
            self._backoff, wait = 0.0, self._policy.refresh_seconds
        self.state, self._next_refresh = state, self._clock() + wait

    def _newest(self, source: Source) -> State:
        before = self.state
        file = source.find(before.file)
        if file == before.file:
            # A file that was refused in the meantime has been replaced.
            return replace(before, refused=None, unreachable=None)
        if before.refused is not None and before.refused.file == file:
            return replace(before, unreachable=None)
        try:
            return self._load(source, file)
        except Missing:
            # The file was replaced during the download.
            return self._load(source, source.find())

    def _load(self, source: Source, file: FileVersion) -> State:
        try:
            model = _read(source, file, self._policy.max_model_bytes)
        except Refused as error:
            # Logged first, so that whoever sees the state finds the record.
            self._log("WARNING", "A model file was refused.", "model_refused", file.generation, reason=str(error))
            return replace(self.state, refused=Refusal(file, str(error)), unreachable=None)
        fields = {"generation": file.generation, "version": model.version, "engine": model.engine.name}
        log("INFO", "A model is live.", event="model_live", **fields)
        return State(model, file)

    def _with_outage(self, error: Unreachable) -> State:
        """Return the state with the reason and since when; log the reason if it is new."""
        before = self.state.unreachable
        if not before or before.reason != str(error):
            event = ("There is no model to serve.", "model_missing")
            if self.state.live is not None:
                event = ("The model can't be refreshed.", "model_unreachable")
            self._log("WARNING", *event, None, reason=str(error))
        since = before.since if before else datetime.now(timezone.utc)
        # A refused file that has been deleted explains nothing.
        refused = None if isinstance(error, Missing) else self.state.refused
        return replace(self.state, refused=refused, unreachable=Outage(str(error), since))

    def _log(self, severity: Severity, message: str, event: str, generation: int | None, **fields: str) -> None:
        version = self.live and self.live.version
        log(severity, message, event=event, generation=generation, version=version, **fields)


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
