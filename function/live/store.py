"""The store of the live model: loads it when it is first needed, and notices a newer one."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timezone

from function.errors import Missing, Refused, Unavailable, Unreachable
from function.live.source import Found, Source
from function.logs import Severity, log, log_exception
from function.model.loaded import LoadedModel, load

RETRY_AFTER_SECONDS = 5
FIRST_BACKOFF_SECONDS = 1.0
TO_PUBLISH = "Publish one: `python -m model_training publish build/model.zip --to {uri}`."


@dataclass(frozen=True)
class Policy:
    """How the store goes about its source."""

    max_model_bytes: int
    refresh_seconds: float = 30.0
    """How long a model is served before somebody's request asks whether there is a newer one."""
    refresh_wait_seconds: float = 1.0
    """How long that request waits for the outcome before it is answered by the model there is."""


@dataclass(frozen=True)
class Refusal:
    """A file that must not be served, and why."""

    found: Found
    reason: str


@dataclass(frozen=True)
class Outage:
    """Why the file could not be fetched the last time, and since when it can't be."""

    reason: str
    since: datetime


class ModelStore:
    """Owns the live model. Its coroutines belong to one event loop; nothing happens between requests."""

    def __init__(
        self, source: Source, policy: Policy, pool: Executor, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`pool` runs what blocks: metadata reads, downloads and checks. `clock` counts seconds."""
        self.live: LoadedModel | None = None
        self.refused: Refusal | None = None
        self.unreachable: Outage | None = None
        self._source, self._policy, self._pool, self._clock = source, policy, pool, clock
        self._served: Found | None = None
        self._next_look = 0.0
        self._backoff = 0.0
        self._flight: asyncio.Future[None] | None = None

    async def get(self) -> LoadedModel:
        """Return the live model, and see to it that it is the newest.

        Without a model, all who ask share one load and await it. With one, the first to ask after
        `refresh_seconds` starts a look at the source and awaits what follows for a while; the others
        go on at once.

        Raises:
            Unavailable: there is no model to serve; the sentence says why and what to do.
        """
        if self.live is None:
            await asyncio.shield(self._fly())
        elif self._flight is None and self._clock() >= self._next_look:
            await asyncio.wait([self._fly()], timeout=self._policy.refresh_wait_seconds)
        if self.live is None:
            raise Unavailable(self._instructions(), RETRY_AFTER_SECONDS)
        return self.live

    def preload(self, source: Source) -> None:
        """Load now, from a source of the caller's own, so that no connection outlives a fork."""
        self._look(source)

    def _fly(self) -> "asyncio.Future[None]":
        """Return the one look that is under way, or start it."""
        if self._flight is None:
            run = copy_context().run
            self._flight = asyncio.get_running_loop().run_in_executor(self._pool, run, self._look, self._source)
            self._flight.add_done_callback(self._land)
        return self._flight

    def _land(self, flight: "asyncio.Future[None]") -> None:
        self._flight = None
        if not flight.cancelled() and (error := flight.exception()):
            log_exception("Looking for a newer model failed unexpectedly.", error)
            self._next_look = self._clock() + self._policy.refresh_seconds

    def _look(self, source: Source) -> None:
        """Bring in what is at the address where it is new; note why where that can't be."""
        try:
            self._bring_in_newest(source)
        except Unreachable as error:
            self._note_outage(error)
            wait = self._backoff = min(2 * self._backoff or FIRST_BACKOFF_SECONDS, self._policy.refresh_seconds)
        else:
            self.unreachable, self._backoff = None, 0.0
            wait = self._policy.refresh_seconds
        self._next_look = self._clock() + wait

    def _bring_in_newest(self, source: Source) -> None:
        found = source.find(self._served)
        if found == self._served:
            # Whatever was refused in between is no longer there.
            self.refused = None
        elif self.refused is None or self.refused.found != found:
            try:
                self._bring_in(source, found)
            except Missing:
                # Replaced while it was downloaded.
                self._bring_in(source, source.find())

    def _bring_in(self, source: Source, found: Found) -> None:
        try:
            model = _read(source, found, self._policy.max_model_bytes)
        except Refused as error:
            # Logged first: who sees the state finds the record.
            self._log("WARNING", "A model file was refused.", "model_refused", found.generation, reason=str(error))
            self.refused = Refusal(found, str(error))
            return
        fields = {"generation": found.generation, "version": model.version, "engine": model.engine.name}
        log("INFO", "A model is live.", event="model_live", **fields)
        self.live, self._served, self.refused = model, found, None

    def _note_outage(self, error: Unreachable) -> None:
        """Keep since when, and log what was not yet known."""
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


def _read(source: Source, found: Found, max_bytes: int) -> LoadedModel:
    """Download and load; whatever a foreign file makes our code or a library's do, it is refused."""
    if found.size > max_bytes:
        raise Refused(f"the file has {found.size} bytes, over MAX_MODEL_BYTES, which is {max_bytes}")
    data = source.read(found)
    name = source.uri.rpartition("/")[2].partition(".")[0]
    try:
        return load(data, found.generation, max_bytes, name)
    except Refused:
        raise
    except Exception as error:
        log_exception("A model file could not be read.", error, generation=found.generation)
        raise Refused(f"reading it failed unexpectedly: {type(error).__name__}") from error
