"""Connections: a watchdog that closes those that hold the server up.

The server itself closes connections that send no head of a request in time. It neither
limits their number by client, nor the time that a body or a response takes; so a thread
looks at the kernel's records of the server's sockets, and shuts some down:

- those whose request body has stalled (see ``bodies.py``),
- those whose client does not take the response,
- those beyond what one client may have, and
- the idle ones that are oldest, when there are nearly too many in all.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic, sleep

from alaqat.web.middleware.bodies import BodyTransfer, BodyTransfers
from alaqat.web.middleware.rate_limit import client_of_address, is_loopback
from alaqat.web.settings import FrontLimits

_SOCKETS = "/proc/self/fd"
# Seconds between two looks: usually, with many connections, with nearly too many.
_INTERVAL, _CROWDED_INTERVAL, _FULL_INTERVAL = 0.25, 0.1, 0.02
_FULL, _CROWDED = 0.9, 0.5  # of all connections: close idle ones from the first down
_OPEN_STATES = frozenset({1, 8})  # ESTABLISHED, CLOSE_WAIT
_INFO_BYTES = 256
_MATCH_SECONDS = 1.0  # by which the times of a body and of its socket may differ


@dataclass(frozen=True)
class TcpInfo:
    """What the kernel knows of a connection (Linux's ``struct tcp_info``).

    Attributes:
        state: of the connection.
        sent: seconds since data was sent last.
        received: seconds since data came last.
        acknowledged: bytes that the other end has taken.
        arrived: bytes that came in all.
        unsent: bytes that wait to be sent, because the other end takes none.
    """

    state: int
    sent: float
    received: float
    acknowledged: int
    arrived: int
    unsent: int

    @classmethod
    def parse(cls, record: bytes) -> TcpInfo:
        """Return the fields of a record of the kernel."""
        sent, received = (_u32(record, at) / 1000 for at in (44, 52))
        acknowledged, arrived = struct.unpack_from("=QQ", record, 120)
        return cls(record[0], sent, received, acknowledged, arrived, _u32(record, 144))

    @property
    def is_idle(self) -> bool:
        """Whether nothing is to be answered: all that came was answered after."""
        return not self.unsent and (not self.arrived or self.sent < self.received)


@dataclass(frozen=True)
class Peer:
    """A connection of the server at the time of a look.

    Attributes:
        descriptor: of its socket.
        name: address and port of the other end.
        info: what the kernel knows of it.
    """

    descriptor: int
    name: tuple[str, int]
    info: TcpInfo

    @property
    def client(self) -> str:
        """The client at the other end."""
        return client_of_address(self.name[0])


@dataclass
class _Progress:
    """What a client had taken of a response when it last took enough."""

    acknowledged: int
    since: float


class ConnectionWatchdog:
    """Looks at the connections of a port regularly, and shuts some down.

    Args:
        port: the server's.
        limits: of the number of connections and of their pace.
        transfers: the bodies that are being received.
        is_behind_proxy: whether the other ends are proxies, each with many clients.
        clock: returns the time in seconds.
    """

    def __init__(
        self,
        port: int,
        limits: FrontLimits,
        transfers: BodyTransfers,
        *,
        is_behind_proxy: bool,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._port = port
        self._limits = limits
        self._transfers = transfers
        self._is_behind_proxy = is_behind_proxy
        self._clock = clock
        self._progress: dict[tuple[str, int], _Progress] = {}
        self._urgent = Event()
        self._open = self._closed = 0

    def start(self) -> None:
        """Start looking, in a thread of its own; no effect where there is no /proc."""
        if sys.platform == "linux":
            self._transfers.crowded = self._urgent.set
            Thread(target=self._watch, daemon=True).start()

    def metrics(self) -> dict[str, float]:
        """Return how many connections are open, and how many were closed from here."""
        return {
            "connections_open": self._open,
            "connections_closed_total": self._closed,
            "bodies_receiving": len(self._transfers),
            "bodies_refused_total": self._transfers.refused,
        }

    def look(self) -> int:
        """Shut down what holds the server up; return how many connections there are."""
        peers = list(open_connections(self._port))
        self._open = len(peers)
        for peer in self.choose(peers):
            self._closed += shut_down(peer)
        return len(peers)

    def choose(self, peers: list[Peer]) -> list[Peer]:
        """Return the connections to shut down, each once."""
        chosen = {
            peer.name: peer
            for peer in (
                *self._stalled_bodies(peers),
                *self._stalled_readers(peers),
                *self._beyond_share(peers),
            )
        }
        if len(peers) >= self._limits.connections * _FULL:
            idle = [p for p in peers if p.info.is_idle and p.name not in chosen]
            idle.sort(key=lambda peer: peer.info.received, reverse=True)
            left = len(peers) - len(chosen)
            excess = max(0, left - int(self._limits.connections * _CROWDED))
            chosen |= {peer.name: peer for peer in idle[:excess]}
        return list(chosen.values())

    def _watch(self) -> None:
        """Look again and again, more often while there are many connections."""
        interval = _INTERVAL
        while True:
            if self._urgent.wait(interval):
                self._urgent.clear()
                sleep(_FULL_INTERVAL)  # many may be urgent at once
            with suppress(OSError):  # as where /proc is not mounted
                interval = self._interval_after(self.look())

    def _interval_after(self, connections: int) -> float:
        """Return the seconds until the next look, after one that saw so many."""
        if connections >= self._limits.connections * _FULL:
            return _FULL_INTERVAL
        is_crowded = connections >= self._limits.connections * _CROWDED
        return _CROWDED_INTERVAL if is_crowded else _INTERVAL

    def _stalled_bodies(self, peers: list[Peer]) -> Iterator[Peer]:
        """Yield the connections of bodies that have stalled.

        The server does not tell which connection a request came by: it is the one of
        the same address that received data last at the same time.
        """
        now = self._clock()
        free = {
            peer.name: peer
            for peer in peers
            if not peer.info.unsent and not peer.info.is_idle
        }
        for transfer in self._transfers.stalled():
            found = _connection_of(transfer, now, free.values())
            if found is not None:
                transfer.is_cut = True
                yield free.pop(found.name)

    def _stalled_readers(self, peers: list[Peer]) -> Iterator[Peer]:
        """Yield the connections whose clients hardly take what is sent to them."""
        now, enough = self._clock(), self._limits.send_stall * self._limits.send_rate
        waiting = {peer.name: peer for peer in peers if peer.info.unsent}
        self._progress = {
            name: progress
            for name, progress in self._progress.items()
            if name in waiting
        }
        for name, peer in waiting.items():
            taken = peer.info.acknowledged
            progress = self._progress.setdefault(name, _Progress(taken, now))
            if taken - progress.acknowledged >= enough:
                self._progress[name] = _Progress(taken, now)
            elif now - progress.since >= self._limits.send_stall:
                yield peer

    def _beyond_share(self, peers: list[Peer]) -> Iterator[Peer]:
        """Yield the connections beyond the share of each client, idle ones first."""
        if self._is_behind_proxy:
            return
        by_client: defaultdict[str, list[Peer]] = defaultdict(list)
        for peer in peers:
            if not (self._limits.spares_loopback and is_loopback(peer.name[0])):
                by_client[peer.client].append(peer)
        for theirs in by_client.values():
            theirs.sort(key=lambda p: (p.info.is_idle, p.info.received), reverse=True)
            yield from theirs[: max(0, len(theirs) - self._share)]

    @property
    def _share(self) -> int:
        return self._limits.connections_per_client


def open_connections(port: int) -> Iterator[Peer]:
    """Yield the connections that this process has accepted at a port."""
    for name in os.listdir(_SOCKETS):  # noqa: PTH208 # thousands, and only their names
        descriptor = int(name)
        with suppress(OSError):  # no socket, no TCP, or closed by now
            peer = _look_at(descriptor, port)
            if peer is not None:
                yield peer


def _look_at(descriptor: int, port: int) -> Peer | None:
    """Return the connection of a descriptor; None if it is not one of the port's.

    Raises:
        OSError: it is no socket, not connected, or closed by now.
    """
    # Neither duplicated nor asked for its kind, as there may be thousands. The names
    # of both kinds of addresses fit into those of IPv6.
    borrowed = socket.socket(
        socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, descriptor
    )
    try:
        peer = borrowed.getpeername()
        if not isinstance(peer, tuple) or borrowed.getsockname()[1] != port:
            return None
        record = borrowed.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES)
    finally:
        borrowed.detach()
    info = TcpInfo.parse(record)
    if info.state not in _OPEN_STATES:
        return None
    return Peer(descriptor, (peer[0], peer[1]), info)


def shut_down(peer: Peer) -> bool:
    """Shut a connection down unless it was closed; return whether it was open.

    The server then ends what it does for it. Its descriptor may belong to another one
    by now, so the name is compared again.
    """
    try:
        with socket.socket(fileno=os.dup(peer.descriptor)) as borrowed:
            if borrowed.getpeername()[:2] != peer.name:
                return False
            borrowed.shutdown(socket.SHUT_RDWR)
    except OSError:
        return False
    return True


def _connection_of(
    transfer: BodyTransfer, now: float, peers: Iterable[Peer]
) -> Peer | None:
    """Return the likeliest connection of a body; None if no other end is its."""
    client, waited = client_of_address(transfer.address), now - transfer.progressed

    def difference(peer: Peer) -> float:
        return abs(peer.info.received - waited)

    theirs = [
        peer
        for peer in peers
        if peer.client == client and peer.info.arrived >= transfer.size
    ]
    # Bytes that are too few to count as progress may have come since.
    exact = [peer for peer in theirs if difference(peer) <= _MATCH_SECONDS]
    return min(exact or theirs, key=difference, default=None)


def _u32(record: bytes, offset: int) -> int:
    return int.from_bytes(record[offset : offset + 4], sys.byteorder)
