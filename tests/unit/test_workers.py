"""What forked processes start with, each case in a process of its own."""

import subprocess
import sys

PROGRAM = """
import os, signal, time
from function.workers import prepare_workers

noted = []
signal.signal(signal.SIGTERM, lambda number, frame: noted.append(number))  # As the server that forks.
os.register_at_fork(after_in_child=lambda: time.sleep(0.5))  # Slower than the signal.
prepare_workers()
child = os.fork()
if child == 0:
    time.sleep(10)
    os._exit(0)
os.kill(child, signal.SIGTERM)
_, status = os.waitpid(child, 0)
assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGTERM, status
os.kill(os.getpid(), signal.SIGTERM)
assert noted == [signal.SIGTERM], noted
"""


def test_a_worker_heeds_a_signal_from_its_first_moment_on() -> None:
    """SIGTERM ends a process that has just been forked, and the process that forked it handles its own as before."""
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=60)
