"""Everybody that is measured, in the order of the page."""

from collections.abc import Mapping

from tests.load.peers.servers.by_hand import BY_HAND
from tests.load.peers.servers.own import OWN
from tests.load.peers.servers.products import PRODUCTS
from tests.load.peers.servers.server import Server

SERVERS: Mapping[str, Server] = {**OWN, **BY_HAND, **PRODUCTS}
