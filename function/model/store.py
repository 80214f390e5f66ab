"""The store of the live model: loads it when it is first needed, once for all who wait."""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timezone

from function.errors import Missing, Refused, Unavailable, Unreachable
from function.logs import log
from function.model.live import LiveModel, load
from function.model.source import Found, Source

RETRY_AFTER_SECONDS = 5
TO_PUBLISH = "Publish one: `python -m model_training publish build/model.zip --to {uri}`."


@dataclass(frozen=True)
class Refusal:
    """A file that must not be served, and why."""

    found: Found
    reason: str


@dataclass(frozen=True)
class Outage:
    """Why the model could not be fetched the last time, and since when it can't be."""

    reason: str
    since: datetime


class ModelStore:
    """Owns the live model. Its coroutines belong to one event loop."""

    def __init__(self, source: Source, max_model_bytes: int, pool: Executor) -> None:
        """`pool` runs what blocks: the download and the checks."""
        self.live: LiveModel | None = None
        self.refused: Refusal | None = None
        self.unreachable: Outage | None = None
        self._source = source
        self._max_model_bytes = max_model_bytes
        self._pool = pool
        self._flight: asyncio.Future[None] | None = None

    async def get(self) -> LiveModel:
        """Return the live model, loading it where there is none; all who wait share one load.

        Raises:
            Unavailable: there is no model to serve; the sentence says why and what to do.
        """
        if self.live is None:
            await self._share_load()
        if self.live is None:
            raise Unavailable(self._instructions(), RETRY_AFTER_SECONDS)
        return self.live

    def preload(self, source: Source) -> None:
        """Load now, from a source of the caller's own, so that no connection outlives a fork."""
        self._load(source)

    async def _share_load(self) -> None:
        if self._flight is None or self._flight.done():
            self._flight = asyncio.get_running_loop().run_in_executor(self._pool, self._load, self._source)
        await asyncio.shield(self._flight)

    def _load(self, source: Source) -> None:
        """Bring in what is at the address; note why where it can't be."""
        try:
            found = source.find()
            if self.refused is None or self.refused.found != found:
                self._bring_in(source, found)
        except Unreachable as error:
            since = self.unreachable.since if self.unreachable else datetime.now(timezone.utc)
            self.unreachable = Outage(str(error), since)
            event = "model_missing" if isinstance(error, Missing) else "model_unreachable"
            log("WARNING", "The model could not be fetched.", event=event, reason=str(error))

    def _bring_in(self, source: Source, found: Found) -> None:
        try:
            self._check_size(found)
            model = load(source.read(found), found.generation, self._max_model_bytes)
        except Refused as error:
            self.refused = Refusal(found, str(error))
            log(
                "WARNING",
                "The model file was refused.",
                event="model_refused",
                generation=found.generation,
                reason=str(error),
            )
            return
        self.live, self.refused, self.unreachable = model, None, None
        log(
            "INFO",
            "The model is live.",
            event="model_live",
            generation=model.generation,
            version=model.version,
            engine=model.engine.name,
        )

    def _check_size(self, found: Found) -> None:
        if found.size > self._max_model_bytes:
            limit = self._max_model_bytes
            raise Refused(f"the file has {found.size} bytes, over MAX_MODEL_BYTES, which is {limit}")

    def _instructions(self) -> str:
        advice = TO_PUBLISH.format(uri=self._source.uri)
        if self.refused:
            return f"There is no model to serve: {self.refused.reason}. {advice}"
        reason = self.unreachable.reason if self.unreachable else "it is being loaded"
        return f"There is no model to serve: {reason}. {advice}"
