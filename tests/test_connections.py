"""Watchdog of connections: which ones it shuts down, and that they are real."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from alaqat.web.middleware.bodies import BodyTransfers
from alaqat.web.middleware.connections import (
    ConnectionWatchdog,
    Peer,
    TcpInfo,
    open_connections,
    shut_down,
)
from alaqat.web.settings import FrontLimits

LIMITS = FrontLimits(connections=20, connections_per_client=3)
FRESH = TcpInfo(state=1, sent=0.0, received=0.0, acknowledged=0, arrived=0, unsent=0)
IDLE = replace(FRESH, sent=5.0, received=5.1, arrived=100)
BUSY = replace(FRESH, sent=5.0, received=2.0, arrived=100)
STRANGER = "192.0.2.1"

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock that does not advance by itself."""
    return Clock()


@pytest.fixture
def transfers(clock: Clock) -> BodyTransfers:
    """Return the bodies that are being received: none yet."""
    return BodyTransfers(LIMITS, clock)


@pytest.fixture
def watchdog(transfers: BodyTransfers, clock: Clock) -> ConnectionWatchdog:
    """Return a watchdog that is not started."""
    return ConnectionWatchdog(
        *(0, LIMITS, transfers), is_behind_proxy=False, clock=clock
    )


def peer(number: int, info: TcpInfo, address: str = "") -> Peer:
    """Return a connection, by default from an address of its own."""
    return Peer(number, (address or f"192.0.2.{number}", 50_000 + number), info)


def test_few_connections_are_left_alone(watchdog: ConnectionWatchdog) -> None:
    """Whether idle or busy: the server closes those that send no head in time."""
    assert watchdog.choose([peer(1, IDLE), peer(2, BUSY), peer(3, FRESH)]) == []


def test_with_nearly_too_many_the_oldest_idle_ones_go(
    watchdog: ConnectionWatchdog,
) -> None:
    """Down to half, never one that waits for an answer."""
    idle = [peer(n, replace(IDLE, received=10.0 + n)) for n in range(1, 15)]
    busy = [peer(n, BUSY) for n in range(15, 19)]
    chosen = watchdog.choose(idle + busy)
    assert {one.descriptor for one in chosen} == set(range(7, 15))


def test_a_client_has_so_many_connections(watchdog: ConnectionWatchdog) -> None:
    """Idle ones go first; clients on this machine are spared."""
    theirs = [peer(n, BUSY if n < 3 else IDLE, STRANGER) for n in range(5)]
    local = [peer(10 + n, IDLE, "127.0.0.1") for n in range(5)]
    chosen = watchdog.choose(theirs + local)
    assert {one.descriptor for one in chosen} == {3, 4}


def test_a_network_of_ipv6_is_one_client(watchdog: ConnectionWatchdog) -> None:
    """Its addresses are as many as its owner likes."""
    theirs = [peer(n, IDLE, f"2001:db8::{n:x}") for n in range(5)]
    assert len(watchdog.choose(theirs)) == 2


def test_a_proxy_has_as_many_as_it_needs(
    transfers: BodyTransfers, clock: Clock
) -> None:
    """All clients come from its address."""
    watchdog = ConnectionWatchdog(
        *(0, LIMITS, transfers), is_behind_proxy=True, clock=clock
    )
    assert watchdog.choose([peer(n, IDLE, STRANGER) for n in range(9)]) == []


def test_the_connection_of_a_stalled_body_is_found(
    watchdog: ConnectionWatchdog, transfers: BodyTransfers, clock: Clock
) -> None:
    """By its address, and by the time when data came last."""
    transfer = transfers.begin(STRANGER, STRANGER, is_spared=False)
    clock.now += 12
    waiting = replace(BUSY, sent=20.0)
    peers = [
        peer(1, replace(waiting, received=3.0), STRANGER),
        peer(2, replace(waiting, received=12.01), STRANGER),
        peer(3, replace(waiting, received=12.0), "198.51.100.1"),
        peer(4, replace(waiting, sent=1.0, received=12.0), STRANGER),
    ]
    assert [one.descriptor for one in watchdog.choose(peers)] == [2]
    assert transfer.is_cut


def test_the_first_body_of_a_connection_is_found(
    watchdog: ConnectionWatchdog, transfers: BodyTransfers, clock: Clock
) -> None:
    """Nothing was sent before, so both times are those since it was opened."""
    transfers.begin(STRANGER, STRANGER, is_spared=False)
    clock.now += 12
    first = peer(1, replace(FRESH, sent=12.0, received=12.0, arrived=90), STRANGER)
    assert watchdog.choose([first]) == [first]


def test_a_trickling_body_is_found_too(
    watchdog: ConnectionWatchdog, transfers: BodyTransfers, clock: Clock
) -> None:
    """Bytes too few to count keep its connection fresh."""
    transfers.begin(STRANGER, STRANGER, is_spared=False)
    clock.now += 12
    trickling = peer(1, replace(BUSY, sent=20.0, received=0.4), STRANGER)
    assert watchdog.choose([trickling]) == [trickling]


def test_a_client_must_take_its_response(
    watchdog: ConnectionWatchdog, clock: Clock
) -> None:
    """Some kilobytes in ten seconds; one that takes them is left alone."""
    stuck, taking = replace(BUSY, unsent=90_000), replace(BUSY, unsent=90_000)
    for _ in range(12):
        taking = replace(taking, acknowledged=taking.acknowledged + 2_000)
        chosen = watchdog.choose([peer(1, stuck), peer(2, taking)])
        clock.now += 1
    assert [one.descriptor for one in chosen] == [1]


@pytest.fixture
def accepted() -> Iterator[tuple[socket.socket, socket.socket, int]]:
    """Yield both ends of a connection to a port of this process, and the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as theirs:
            ours, _ = listener.accept()
            with ours:
                yield theirs, ours, port


@needs_linux
def test_the_kernel_tells_what_a_connection_does(
    accepted: tuple[socket.socket, socket.socket, int],
) -> None:
    """Of the server's ends only, with what came, and what waits to be sent."""
    theirs, ours, port = accepted
    (found,) = open_connections(port)
    assert found.name == theirs.getsockname()
    assert found.info.is_idle
    theirs.sendall(b"x" * 100)
    time.sleep(0.05)
    (found,) = open_connections(port)
    assert found.info.arrived == 100
    assert not found.info.is_idle
    ours.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            ours.send(b"y" * 65_536)
    (found,) = open_connections(port)
    assert found.info.unsent > 0
    assert not found.info.is_idle


@needs_linux
def test_a_connection_that_is_shut_down_ends_for_both(
    accepted: tuple[socket.socket, socket.socket, int],
) -> None:
    """And one that took its descriptor since is not touched."""
    theirs, ours, port = accepted
    (found,) = open_connections(port)
    assert not shut_down(replace(found, name=("127.0.0.1", 1)))
    assert shut_down(found)
    assert theirs.recv(1) == b""
    assert ours.recv(1) == b""
    ours.close()
    assert list(open_connections(port)) == []
    assert not shut_down(found)
