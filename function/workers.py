"""What the processes that the server forks need from the process that forks them."""

import os
import signal

from function.logs import use_for_all_loggers


def prepare_workers() -> None:
    """Make the workers log as the service does, and heed a SIGTERM from their first moment on.

    A worker inherits the server's signal handlers, which leave the signal to the main loop of the server: until the
    worker has replaced them, it would ignore that it is asked to stop, and the server would wait for it in vain.
    """
    os.register_at_fork(before=_before, after_in_parent=_allow, after_in_child=_start)


def _before() -> None:
    # The server configures its loggers after the application is imported, and before it forks its first worker.
    use_for_all_loggers()
    # Until the child has its own handler, the signal is pending.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])


def _start() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _allow()


def _allow() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
