"""What the processes of a test run share."""

from pathlib import Path
from threading import Event, Thread

from tests.support.ports import HIGHEST, LOWEST, free_port
from tests.support.sharing import locked, made_once, turn

SOON = 0.2


def test_a_file_is_made_by_the_first_who_asks() -> None:
    """And read by the others."""
    asked = []

    def make() -> bytes:
        asked.append(1)
        return b"made"

    paths = {made_once("test-sharing", make) for _ in range(3)}
    assert [path.read_bytes() for path in paths] == [b"made"]
    assert len(asked) == 1


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    """The others wait."""
    got = Event()

    def other() -> None:
        with locked(tmp_path / "lock"):
            got.set()

    thread = Thread(target=other)
    with locked(tmp_path / "lock"):
        thread.start()
        assert not got.wait(SOON)
    assert got.wait()
    thread.join()


def test_a_test_that_is_alone_waits_for_the_others_and_they_for_it(tmp_path: Path) -> None:
    """Those that start after it has asked do not overtake it."""
    order: list[str] = []
    alone, late = (Thread(target=_take, args=(tmp_path, name, order)) for name in ("alone", "late"))
    with turn(tmp_path, alone=False), turn(tmp_path, alone=False):
        alone.start()
        alone.join(SOON)
        late.start()
        late.join(SOON)
        assert order == []
    alone.join()
    late.join()
    assert order == ["alone", "late"]


def _take(folder: Path, name: str, order: list[str]) -> None:
    with turn(folder, alone=name == "alone"):
        order.append(name)


def test_ports_are_none_that_a_connection_takes() -> None:
    """And not the same one for everybody."""
    ports = {free_port() for _ in range(20)}
    assert len(ports) > 10
    assert all(LOWEST <= port < HIGHEST for port in ports)
