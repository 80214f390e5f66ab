"""Ports for servers that cannot pick one themselves."""

import secrets
import socket

LOWEST, HIGHEST = 10_000, 32_000
"""Below the ports that systems give to connections, any of which may be taken before the server has started."""


def free_port() -> int:
    """Return a port of this machine that nobody listens on, picked by chance: other tests look for one too."""
    while True:
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        if _is_free(port):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
