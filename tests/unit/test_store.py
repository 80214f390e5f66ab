"""function/live/store.py, with a fake clock and a fake source."""

import asyncio
import gc
import json
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from function.errors import Missing, Unavailable, Unreachable
from function.live.source import FileVersion
from function.live.store import ModelStore, Policy
from model_training.bundling.building import Packed
from tests.support.variants import successor, version_of

LIMIT = 10_000_000
REFRESH = 30.0


class FakeClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


class FakeSource:
    """A source of one file, or of an error; it counts the calls."""

    uri = "gs://bucket/model"

    def __init__(self, data: bytes) -> None:
        self.data, self.generation = data, 1
        self.find_error: Exception | None = None
        self.read_errors: list[Exception] = []
        self.finds = self.reads = 0
        self.gate = threading.Event()
        self.gate.set()

    def upload(self, data: bytes) -> None:
        """Replace the file."""
        self.data, self.generation = data, self.generation + 1

    def find(self, known: FileVersion | None = None) -> FileVersion:
        """Return the current version, or raise the error."""
        self.finds += 1
        if self.find_error:
            raise self.find_error
        return FileVersion(str(self.generation), self.generation, len(self.data))

    def read(self, file: FileVersion) -> bytes:
        """Return the file once the gate is open, or raise the next error."""
        self.reads += 1
        self.gate.wait(10)
        if self.read_errors:
            raise self.read_errors.pop()
        if file.generation != self.generation:
            raise Missing("replaced")
        return self.data


class World:
    """A store with all it depends on."""

    def __init__(self, first: bytes, pool: ThreadPoolExecutor, limit: int = LIMIT) -> None:
        self.clock, self.source = FakeClock(), FakeSource(first)
        self.store = ModelStore(self.source, Policy(limit, REFRESH, refresh_wait_seconds=5.0), pool, self.clock)

    def get(self) -> str:
        """Return the version of the live model, or the message that says why there is none."""
        try:
            return asyncio.run(self.store.get()).version
        except Unavailable as error:
            return str(error)

    def later(self, seconds: float = REFRESH) -> str:
        """Move the clock, and get the model."""
        self.clock.now += seconds
        return self.get()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Where a store loads."""
    with ThreadPoolExecutor(1) as running:
        yield running


@pytest.fixture
def world(pool: ThreadPoolExecutor, packed: Packed) -> World:
    """A store whose source holds a good model."""
    return World(packed.data, pool)


@pytest.fixture(scope="session")
def second(packed: Packed) -> bytes:
    """Another good model."""
    return successor(packed)


def test_nothing_is_read_before_it_is_needed(world: World) -> None:
    """A new store does not read its source."""
    assert (world.source.finds, world.source.reads) == (0, 0)


def test_a_thousand_first_callers_share_one_load(world: World, packed: Packed) -> None:
    """One metadata read, one download, the same model for all."""
    world.source.gate.clear()

    async def crowd() -> set[str]:
        asyncio.get_running_loop().call_later(0.05, world.source.gate.set)
        return {model.version for model in await asyncio.gather(*(world.store.get() for _ in range(1000)))}

    assert asyncio.run(crowd()) == {packed.manifest.version}
    assert (world.source.finds, world.source.reads) == (1, 1)


def test_a_caller_who_gives_up_does_not_cancel_the_load(world: World, packed: Packed) -> None:
    """The others still get the model."""
    world.source.gate.clear()

    async def two() -> str:
        first, another = asyncio.create_task(world.store.get()), asyncio.create_task(world.store.get())
        await asyncio.sleep(0)
        first.cancel()
        world.source.gate.set()
        return (await another).version

    assert asyncio.run(two()) == packed.manifest.version
    assert world.source.reads == 1


def test_the_source_is_left_alone_until_the_refresh_is_due(world: World, packed: Packed, second: bytes) -> None:
    """Then the request that starts it gets the new model."""
    world.get()
    world.source.upload(second)
    assert [world.later(REFRESH - 1), world.source.finds] == [packed.manifest.version, 1]
    assert [world.later(1), world.source.finds, world.source.reads] == [version_of(second), 2, 2]


def test_a_refresh_that_finds_nothing_new_reads_only_metadata(world: World, packed: Packed) -> None:
    """No download, and the next is due a refresh time later."""
    world.get()
    for finds in range(2, 6):
        assert [world.later(), world.get(), world.source.finds] == [packed.manifest.version] * 2 + [finds]
    assert world.source.reads == 1


def test_only_one_request_waits_for_a_refresh(world: World, packed: Packed, second: bytes) -> None:
    """The others get the old model meanwhile; the one that waits gets the new one."""
    world.get()
    world.source.upload(second)
    world.source.gate.clear()
    world.clock.now += REFRESH

    async def three() -> list[str]:
        starter = asyncio.create_task(world.store.get())
        await asyncio.sleep(0)
        others = [(await world.store.get()).version for _ in range(2)]
        world.source.gate.set()
        return [*others, (await starter).version]

    assert asyncio.run(three()) == [packed.manifest.version] * 2 + [version_of(second)]
    assert world.source.reads == 2


def test_a_request_stops_waiting_for_a_slow_refresh(
    world: World, packed: Packed, second: bytes, pool: ThreadPoolExecutor
) -> None:
    """After `refresh_wait_seconds`; later requests get the model that it loads."""
    world.store = ModelStore(world.source, Policy(LIMIT, REFRESH, refresh_wait_seconds=0.01), pool, world.clock)
    world.get()
    world.source.upload(second)
    world.source.gate.clear()
    world.clock.now += REFRESH

    async def slow() -> list[str]:
        before = (await world.store.get()).version
        world.source.gate.set()
        pending = world.store._pending  # noqa: SLF001 (there is no other way to await it)
        assert pending is not None
        await pending
        return [before, (await world.store.get()).version]

    assert asyncio.run(slow()) == [packed.manifest.version, version_of(second)]


def test_a_refused_file_leaves_the_old_model(
    world: World, packed: Packed, second: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is fetched and logged once; a valid file that follows is served, and clears the refusal."""
    world.get()
    world.source.upload(packed.data[:-9])
    for _ in range(3):
        assert world.later() == packed.manifest.version
    assert world.store.state.refused is not None
    assert "not a whole zip file" in world.store.state.refused.reason
    assert world.source.reads == 2
    assert events(capsys) == ["model_live", "model_refused"]
    world.source.upload(second)
    assert world.later() == version_of(second)
    assert world.store.state.refused is None


def test_a_refused_file_that_is_replaced_by_the_live_one_is_forgotten(world: World, packed: Packed) -> None:
    """The refusal is cleared without another download."""
    world.get()
    world.source.upload(b"bad")
    world.later()
    world.source.generation, world.source.data = 1, packed.data
    world.later()
    assert world.store.state.refused is None
    assert world.source.reads == 2


@pytest.mark.parametrize("error", [Unreachable("the bucket answered 503"), Missing("there is no object")])
def test_an_outage_leaves_the_old_model_and_is_tried_again(
    world: World, packed: Packed, second: bytes, error: Exception
) -> None:
    """After 1, 2, 4 ... seconds, and never more than the refresh time; the same generation is then served."""
    world.get()
    world.source.upload(second)
    world.source.find_error = error
    world.later()
    finds = world.source.finds
    for wait in (1, 2, 4, 8, 16, REFRESH, REFRESH):
        assert world.later(wait - 0.5) == packed.manifest.version
        assert world.source.finds == finds
        world.later(0.5)
        finds += 1
        assert world.source.finds == finds
    assert world.store.state.unreachable is not None
    assert world.store.state.unreachable.reason == str(error)
    world.source.find_error = None
    assert world.later() == version_of(second)
    assert world.store.state.unreachable is None


def test_an_outage_may_last_for_days(world: World, packed: Packed, second: bytes) -> None:
    """However many refreshes have failed, the next one is made when it is due."""
    world.get()
    world.source.upload(second)
    world.source.find_error = Unreachable("the bucket answered 503")
    for _ in range(3000):
        assert world.later() == packed.manifest.version
    world.source.find_error = None
    assert world.later() == version_of(second)


def test_a_failed_download_is_retried(world: World, second: bytes) -> None:
    """The same generation, without another upload; nothing is refused."""
    world.get()
    world.source.upload(second)
    world.source.read_errors = [Unreachable("cut"), Unreachable("stalled")]
    assert world.later() != version_of(second)
    assert world.store.state.refused is None
    world.later(1)
    assert world.later(2) == version_of(second)


def test_an_upload_during_the_download_ends_with_the_newest(world: World, second: bytes) -> None:
    """If a generation is gone when it is read, the current one is loaded at once."""
    world.get()
    world.source.upload(b"never seen")
    world.source.read_errors = [Missing("replaced")]
    world.source.data = second
    assert world.later() == version_of(second)


def test_a_missing_object_is_reported_and_retried(
    world: World, packed: Packed, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message says what to upload and where; once it is there, it is served at the next try."""
    world.source.find_error = Missing("there is no object gs://bucket/model")
    assert "publish build/model.zip --to gs://bucket/model" in world.get()
    world.later(1)
    assert events(capsys) == ["model_missing"]
    world.source.find_error = None
    assert world.later(2) == packed.manifest.version
    assert world.store.state.unreachable is None


def test_an_outage_keeps_when_it_began(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """However often it is tried again, and it is logged when it begins and when it changes."""
    world.get()
    world.source.find_error = Unreachable("the bucket answered 503")
    world.later()
    assert world.store.state.unreachable is not None
    since = world.store.state.unreachable.since
    world.later()
    assert world.store.state.unreachable.since == since
    world.source.find_error = Unreachable("the bucket answered 403")
    world.later()
    assert events(capsys) == ["model_live", "model_unreachable", "model_unreachable"]


def test_a_file_over_the_limit_is_refused_undownloaded(pool: ThreadPoolExecutor, packed: Packed) -> None:
    """Its size is known before its bytes."""
    world = World(packed.data, pool, limit=1000)
    assert "MAX_MODEL_BYTES" in world.get()
    assert world.source.reads == 0


def test_an_unexpected_failure_does_not_stop_the_refreshes(
    world: World, packed: Packed, second: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is logged with its traceback, and the next refresh is made when it is due."""
    world.get()
    world.source.upload(second)
    world.source.find_error = RuntimeError("a bug")
    assert world.later() == packed.manifest.version
    assert "RuntimeError: a bug" in capsys.readouterr().err
    world.source.find_error = None
    assert world.later() == version_of(second)


def test_the_old_model_is_released(world: World, second: bytes) -> None:
    """Nothing keeps it once no request holds it."""
    world.get()
    assert world.store.live is not None
    old = weakref.ref(world.store.live)
    world.source.upload(second)
    world.later()
    gc.collect()
    assert old() is None


def test_a_request_finishes_on_the_model_it_started_with(world: World, packed: Packed, second: bytes) -> None:
    """A model that is in use stays intact."""
    held = asyncio.run(world.store.get())
    world.source.upload(second)
    assert world.later() == version_of(second)
    assert held.version == packed.manifest.version
    assert held.predict_vectors([[0.0] * 37]).labels.tolist() == [0]


def test_preloading_uses_its_own_source(world: World, packed: Packed) -> None:
    """So that the store's own is untouched when the process forks."""
    throw_away = FakeSource(packed.data)
    world.store.preload(throw_away)
    assert world.get() == packed.manifest.version
    assert (world.source.finds, throw_away.finds) == (0, 1)


def test_a_load_that_nobody_waits_for_is_waited_for_by_the_next_request(
    world: World, packed: Packed, second: bytes, pool: ThreadPoolExecutor
) -> None:
    """Because the process may be frozen between requests; one at a time, and the others get the old model."""
    world.store = ModelStore(world.source, Policy(LIMIT, REFRESH, refresh_wait_seconds=0.05), pool, world.clock)
    world.get()
    world.source.upload(second)
    world.source.gate.clear()
    world.clock.now += REFRESH

    async def four() -> list[str]:
        starter = (await world.store.get()).version
        waiter = asyncio.create_task(world.store.get())
        await asyncio.sleep(0)
        other = (await world.store.get()).version
        world.source.gate.set()
        return [starter, other, (await waiter).version]

    assert asyncio.run(four()) == [packed.manifest.version] * 2 + [version_of(second)]
    assert world.source.reads == 2


def test_a_slow_load_makes_no_request_wait_long(world: World, packed: Packed, pool: ThreadPoolExecutor) -> None:
    """Each that waits stops waiting after `refresh_wait_seconds`."""
    world.store = ModelStore(world.source, Policy(LIMIT, REFRESH, refresh_wait_seconds=0.01), pool, world.clock)
    world.get()
    world.source.upload(packed.data)
    world.source.gate.clear()
    world.clock.now += REFRESH

    async def several() -> set[str]:
        versions = {(await world.store.get()).version for _ in range(3)}
        world.source.gate.set()
        return versions

    assert asyncio.run(several()) == {packed.manifest.version}


@pytest.mark.parametrize("error", [Unreachable("cut"), Unreachable("stalled")])
def test_downloads_that_fail_are_backed_off_without_a_model(world: World, packed: Packed, error: Unreachable) -> None:
    """As with a model: 50 requests in a second make one download, and each is told truly when to come again."""
    world.source.read_errors = [error] * 3
    for reads, wait in ((1, 1), (2, 2), (3, 4)):
        for _ in range(50):
            assert retry_after(world) == wait
        assert world.source.reads == reads
        world.clock.now += wait
    assert world.get() == packed.manifest.version


def test_a_refused_file_is_looked_at_again_when_the_refresh_is_due(world: World, packed: Packed) -> None:
    """Without a model too, callers in between make no request to the bucket."""
    world.source.data = b"bad"
    assert [retry_after(world) for _ in range(50)] == [REFRESH] * 50
    world.clock.now += REFRESH - 0.5
    assert (retry_after(world), world.source.finds, world.source.reads) == (1, 1, 1)
    world.source.upload(packed.data)
    assert world.later(0.5) == packed.manifest.version


def test_the_reason_is_the_latest(world: World) -> None:
    """A refused file that was deleted does not explain why there is no model; nor one that can't be reached."""
    world.source.data = b"bad"
    assert "not one of joblib's" in world.get()
    world.source.find_error = Unreachable("the bucket answered 503")
    assert "the bucket answered 503" in world.later()
    assert world.store.state.refused is not None
    world.source.find_error = Missing("there is no object gs://bucket/model")
    assert "there is no object" in world.later()
    assert world.store.state.refused is None


def test_an_unexpected_failure_without_a_model_is_backed_off(world: World) -> None:
    """The request that starts it fails; those in between are told so, and when to come again."""
    world.source.find_error = RuntimeError("a bug")
    with pytest.raises(RuntimeError):
        world.get()
    assert "failed unexpectedly" in world.get()
    assert (retry_after(world), world.source.finds) == (REFRESH, 1)


def test_a_preload_that_failed_is_repeated_by_the_first_request(world: World, packed: Packed) -> None:
    """It does not wait for the next refresh."""
    absent = FakeSource(b"")
    absent.find_error = Missing("there is no object")
    world.store.preload(absent)
    assert world.get() == packed.manifest.version


def test_a_state_is_replaced_as_a_whole(world: World, second: bytes) -> None:
    """A reader that holds one sees a model with its own file, and the reasons of that time."""
    world.get()
    before = world.store.state
    world.source.upload(b"bad")
    world.later()
    world.source.upload(second)
    world.later()
    assert (before.refused, before.unreachable) == (None, None)
    assert before.live is not None
    assert before.file is not None
    assert (before.live.generation, before.file.generation) == (1, 1)
    with pytest.raises(AttributeError, match="immutable"):
        before.live = None  # type: ignore[misc]


def retry_after(world: World) -> int:
    """Return when a caller may come again, in seconds, as there is no model."""
    with pytest.raises(Unavailable) as caught:
        asyncio.run(world.store.get())
    return caught.value.retry_after


def events(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the events logged so far."""
    return [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
