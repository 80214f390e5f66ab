"""function/model/store.py, with a source that does as it is told."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from function.errors import Missing, Unavailable, Unreachable
from function.model.source import Found
from function.model.store import ModelStore
from model_training.packing import Packed

LIMIT = 10_000_000


class FakeSource:
    """Holds one file, or an error to raise; counts what it is asked."""

    uri = "gs://bucket/model"

    def __init__(self, data: bytes = b"", generation: int = 1, error: Unreachable | None = None) -> None:
        self.data, self.generation, self.error = data, generation, error
        self.finds = self.reads = 0
        self.gate = threading.Event()
        self.gate.set()

    def find(self) -> Found:
        """Tell what there is, or raise."""
        self.finds += 1
        if self.error:
            raise self.error
        return Found(str(self.generation), self.generation, len(self.data))

    def read(self, found: Found) -> bytes:
        """Return the file, once the gate is open."""
        self.reads += 1
        self.gate.wait(10)
        return self.data


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Where a store loads."""
    with ThreadPoolExecutor(1) as running:
        yield running


def get(store: ModelStore) -> str:
    """Return the live version, or the sentence that says why there is none."""
    try:
        return asyncio.run(store.get()).version
    except Unavailable as error:
        return str(error)


def test_nothing_is_read_before_it_is_needed(pool: ThreadPoolExecutor, packed: Packed) -> None:
    """A store that nobody asks asks nobody."""
    source = FakeSource(packed.data)
    ModelStore(source, LIMIT, pool)
    assert (source.finds, source.reads) == (0, 0)


def test_a_thousand_first_callers_share_one_load(pool: ThreadPoolExecutor, packed: Packed) -> None:
    """One metadata read, one download, the same model for all."""
    source = FakeSource(packed.data)
    source.gate.clear()
    store = ModelStore(source, LIMIT, pool)

    async def crowd() -> set[str]:
        asyncio.get_running_loop().call_later(0.05, source.gate.set)
        return {model.version for model in await asyncio.gather(*(store.get() for _ in range(1000)))}

    assert asyncio.run(crowd()) == {packed.manifest.version}
    assert (source.finds, source.reads) == (1, 1)


def test_a_caller_who_gives_up_does_not_take_the_load_along(pool: ThreadPoolExecutor, packed: Packed) -> None:
    """The others still get the model."""
    source = FakeSource(packed.data)
    source.gate.clear()
    store = ModelStore(source, LIMIT, pool)

    async def two() -> str:
        first, second = asyncio.create_task(store.get()), asyncio.create_task(store.get())
        await asyncio.sleep(0)
        first.cancel()
        source.gate.set()
        return (await second).version

    assert asyncio.run(two()) == packed.manifest.version
    assert source.reads == 1


def test_a_missing_object_is_told_and_looked_for_again(
    pool: ThreadPoolExecutor, packed: Packed, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence says what to upload where; once it is there, it is served."""
    source = FakeSource(packed.data, error=Missing("there is no object gs://bucket/model"))
    store = ModelStore(source, LIMIT, pool)
    assert "publish build/model.zip --to gs://bucket/model" in get(store)
    assert "model_missing" in capsys.readouterr().err
    source.error = None
    assert get(store) == packed.manifest.version
    assert store.unreachable is None


def test_an_outage_keeps_when_it_began(pool: ThreadPoolExecutor, capsys: pytest.CaptureFixture[str]) -> None:
    """However often it is tried again."""
    store = ModelStore(FakeSource(error=Unreachable("the bucket answered 503")), LIMIT, pool)
    assert "answered 503" in get(store)
    assert store.unreachable is not None
    since = store.unreachable.since
    get(store)
    assert store.unreachable.since == since
    assert "model_unreachable" in capsys.readouterr().err


def test_a_refused_file_is_not_fetched_again(
    pool: ThreadPoolExecutor, packed: Packed, capsys: pytest.CaptureFixture[str]
) -> None:
    """Until another is there; the reason is told and logged once."""
    source = FakeSource(packed.data[:-5])
    store = ModelStore(source, LIMIT, pool)
    assert "not a whole zip file" in get(store)
    assert "not a whole zip file" in get(store)
    assert (source.finds, source.reads) == (2, 1)
    assert capsys.readouterr().err.count("model_refused") == 1
    source.data, source.generation = packed.data, 2
    assert get(store) == packed.manifest.version
    assert store.refused is None


def test_a_file_over_the_limit_is_refused_undownloaded(pool: ThreadPoolExecutor, packed: Packed) -> None:
    """Its size is known before its bytes."""
    source = FakeSource(packed.data)
    store = ModelStore(source, 1000, pool)
    assert "MAX_MODEL_BYTES" in get(store)
    assert source.reads == 0


def test_preloading_uses_its_own_source(pool: ThreadPoolExecutor, packed: Packed) -> None:
    """So that the store's own is untouched when the process forks."""
    source, throw_away = FakeSource(packed.data), FakeSource(packed.data)
    store = ModelStore(source, LIMIT, pool)
    store.preload(throw_away)
    assert get(store) == packed.manifest.version
    assert (source.finds, throw_away.finds) == (0, 1)
