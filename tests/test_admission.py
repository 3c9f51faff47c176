"""Admission of requests: how many are in flight, and how their bodies are read."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from werkzeug.exceptions import ClientDisconnected, LengthRequired, RequestTimeout

from alaqat.accounting import current_client
from alaqat.errors import RateLimitExceeded, TooBusy
from alaqat.web.middleware.admission import AdmissionMiddleware, InFlight
from alaqat.web.middleware.bodies import BodyTransfer, BodyTransfers
from alaqat.web.middleware.rate_limit import (
    address_of_request,
    client_of_address,
    is_loopback,
)
from alaqat.web.settings import FrontLimits

LIMITS = FrontLimits(
    requests=6,
    reserved=2,
    requests_per_client=3,
    requests_per_local=4,
    requests_per_path=3,
    monitors=2,
    probes=1,
    bodies=2,
    bodies_per_client=1,
)
STRANGER, OTHER, LOCAL = "192.0.2.1", "198.51.100.7", "127.0.0.1"


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


class Body:
    """A response whose chunks are counted, and that knows whether it was closed."""

    def __init__(self, chunks: list[bytes]) -> None:
        self.chunks = iter(chunks)
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks."""
        return self.chunks

    def close(self) -> None:
        """Count the call."""
        self.closed += 1


class Server:
    """The middleware before an application, and the status of the last response."""

    def __init__(
        self, app: Callable[..., Iterable[bytes]], *, proxies: int = 0
    ) -> None:
        self.status = ""
        self.headers: dict[str, str] = {}
        self.in_flight = InFlight(LIMITS)
        self.transfers = BodyTransfers(LIMITS)
        self.middleware = AdmissionMiddleware(
            *(app, self.in_flight, self.transfers, LIMITS), proxies=proxies
        )

    def request(self, path: str = "/sparql", **environ: Any) -> Iterable[bytes]:
        """Send a request."""

        def start(status: str, headers: list[tuple[str, str]]) -> None:
            self.status, self.headers = status, dict(headers)

        return self.middleware(
            {"REMOTE_ADDR": STRANGER, "PATH_INFO": path, **environ}, start
        )

    @property
    def running(self) -> float:
        """How many requests are in flight."""
        return self.in_flight.metrics()["requests_in_flight"]


def answer(*chunks: bytes, length: int | None = None) -> Callable[..., Iterable[bytes]]:
    """Return an application that answers with some chunks."""

    def app(_environ: object, start_response: Any) -> Iterable[bytes]:
        headers = [] if length is None else [("Content-Length", str(length))]
        start_response("200 OK", headers)
        return Body(list(chunks))

    return app


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_a_client_is_an_address_or_a_network(address: str, client: str) -> None:
    """Of IPv6 everybody has as many addresses as they like."""
    assert client_of_address(address) == client


@pytest.mark.parametrize(
    ("address", "is_local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.1", False),
        ("localhost", False),
    ],
)
def test_loopback_addresses_are_recognized(address: str, is_local: bool) -> None:
    """In each of their forms."""
    assert is_loopback(address) is is_local


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "1.1.1.1", LOCAL),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 10.0.0.1", "1.1.1.1"),
        (2, "1.1.1.1", LOCAL),
        (1, "", LOCAL),
    ],
)
def test_only_what_proxies_append_is_believed(
    proxies: int, forwarded: str, expected: str
) -> None:
    """The rest of the header is what a client claims."""
    environ = {"REMOTE_ADDR": LOCAL, "HTTP_X_FORWARDED_FOR": forwarded}
    assert address_of_request(environ, proxies) == expected


def test_a_client_has_so_many_requests_in_flight() -> None:
    """One more is refused until one of them has ended; others are not concerned."""
    in_flight = InFlight(LIMITS)
    first, *_ = [in_flight.enter(STRANGER, "/sparql") for _ in range(3)]
    with pytest.raises(RateLimitExceeded) as refused:
        in_flight.enter(STRANGER, "/sparql")
    assert refused.value.retry_after == 1
    in_flight.enter(OTHER, "/sparql")
    in_flight.leave(first)
    in_flight.enter(STRANGER, "/sparql")
    metrics = in_flight.metrics()
    assert metrics["requests_in_flight"] == 4
    assert metrics["requests_refused_client_total"] == 1


def test_the_last_places_are_for_clients_with_hardly_any() -> None:
    """Few clients with many requests leave some for others."""
    in_flight = InFlight(LIMITS)
    for client in (STRANGER, OTHER):
        for _ in range(2):
            in_flight.enter(client, "/sparql")
    with pytest.raises(TooBusy):
        in_flight.enter(STRANGER, "/sparql")
    for _ in range(2):
        in_flight.enter("203.0.113.5", "/sparql")
    with pytest.raises(TooBusy):
        in_flight.enter("203.0.113.6", "/sparql")


def test_clients_of_this_machine_may_have_more() -> None:
    """They are programs of the operator, and proxies that were not announced."""
    in_flight = InFlight(LIMITS)
    for _ in range(4):
        in_flight.enter(LOCAL, "/sparql", is_spared=True)
    with pytest.raises(RateLimitExceeded):
        in_flight.enter(LOCAL, "/sparql", is_spared=True)


def test_a_client_that_does_not_wait_is_refused_sooner() -> None:
    """Many refusals by the application in a second are enough."""
    clock = Clock()
    in_flight = InFlight(LIMITS, clock)
    for _ in range(8):
        in_flight.enter(STRANGER, "/sparql")
        in_flight.leave([("client", STRANGER), ("requests", "")])
        in_flight.note_refusal(STRANGER)
    with pytest.raises(RateLimitExceeded, match="did not wait"):
        in_flight.enter(STRANGER, "/sparql")
    in_flight.enter(OTHER, "/sparql")
    clock.now += 1
    in_flight.enter(STRANGER, "/sparql")


def test_one_path_cannot_hold_all_threads() -> None:
    """Whoever asks for it; queries are bounded by their queue."""
    in_flight = InFlight(LIMITS)
    for client in (STRANGER, OTHER, LOCAL):
        in_flight.enter(client, "/why")
    with pytest.raises(TooBusy):
        in_flight.enter("203.0.113.5", "/why")
    in_flight.enter("203.0.113.5", "/as-of")


def test_monitors_have_threads_of_their_own() -> None:
    """Which other requests cannot take, nor a flood of health checks the others'."""
    in_flight = InFlight(LIMITS)
    for client in (STRANGER, OTHER, LOCAL):
        for _ in range(2):
            in_flight.enter(client, "/sparql")
    for path in ("/health", "/metrics"):
        in_flight.enter(STRANGER, path)
    with pytest.raises(TooBusy):
        in_flight.enter(STRANGER, "/health")
    in_flight.enter(STRANGER, "/ready")
    with pytest.raises(TooBusy):
        in_flight.enter(STRANGER, "/ready")


def test_a_refusal_is_a_problem_and_reads_no_body() -> None:
    """With the time to wait."""
    server = Server(answer())
    for _ in range(3):
        server.in_flight.enter(STRANGER, "/sparql")
    body = b"".join(server.request(**{"wsgi.input": None, "CONTENT_LENGTH": "1000"}))
    assert server.status == "429 Too Many Requests"
    assert server.headers["Retry-After"] == "1"
    assert server.headers["Content-Type"] == "application/problem+json"
    assert json.loads(body)["status"] == 429


def test_a_request_is_in_flight_until_its_response_is_closed() -> None:
    """A client that reads slowly holds a thread."""
    server = Server(answer(b"a", b"b"))
    response = server.request()
    assert server.running == 1
    assert list(response) == [b"a", b"b"]
    assert server.running == 1
    response.close()  # type: ignore[attr-defined] # as a server does
    assert server.running == 0


def test_a_short_response_blocks_no_thread() -> None:
    """It is handed over whole."""
    server = Server(answer(b"a", b"b", length=2))
    assert server.request() == [b"a", b"b"]
    assert server.running == 0


def test_an_error_of_the_application_ends_the_request() -> None:
    """Or its place would be lost for good."""

    def app(_environ: object, _start: object) -> Iterable[bytes]:
        raise ZeroDivisionError

    server = Server(app)
    with pytest.raises(ZeroDivisionError):
        server.request()
    assert server.running == 0


def test_the_client_of_a_request_is_known_below() -> None:
    """By whoever accounts for work."""
    seen = []

    def app(_environ: object, start_response: Any) -> Iterable[bytes]:
        seen.append(current_client())
        start_response("204 No Content", [("Content-Length", "0")])
        return []

    Server(app).request(REMOTE_ADDR="2001:db8::1")
    Server(app, proxies=1).request(HTTP_X_FORWARDED_FOR="2001:db8:5::1")
    assert seen == ["2001:db8::/64", "2001:db8:5::/64"]


def reading(size: int | None = -1) -> Callable[..., Iterable[bytes]]:
    """Return an application that answers with the body of the request."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(size)
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    return app


@pytest.mark.parametrize("size", [0, 1, 8192, 8193, 100_000])
def test_a_body_is_read_to_its_end(size: int) -> None:
    """And no further, however it is asked for."""
    content, server = b"x" * size, Server(reading())
    source = io.BytesIO(content + b"of the next request")
    answered = server.request(**{"wsgi.input": source, "CONTENT_LENGTH": str(size)})
    assert b"".join(answered) == content
    assert len(server.transfers) == 0


def test_half_a_body_is_not_taken_for_the_whole() -> None:
    """Granian reports the end of the connection as the end of the body."""
    server = Server(reading())
    with pytest.raises(ClientDisconnected):
        server.request(**{"wsgi.input": io.BytesIO(b"half"), "CONTENT_LENGTH": "8"})
    assert len(server.transfers) == server.running == 0


def test_a_body_in_chunks_is_refused_if_it_is_wanted() -> None:
    """Its end looks like that of the connection."""
    chunked = {"wsgi.input": io.BytesIO(b"x"), "HTTP_TRANSFER_ENCODING": "chunked"}
    with pytest.raises(LengthRequired):
        Server(reading()).request(**chunked)
    assert list(Server(answer(b"unread", length=6)).request(**chunked)) == [b"unread"]


def test_a_body_that_was_cut_off_gets_a_timeout() -> None:
    """The client was too slow, not gone."""
    server = Server(reading())

    class Slow(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            for transfer in server.transfers._transfers:
                transfer.is_cut = True
            return b""

    with pytest.raises(RequestTimeout):
        server.request(**{"wsgi.input": Slow(), "CONTENT_LENGTH": "8"})


def test_few_bodies_are_received_at_once() -> None:
    """Of one client, and in all; the next one soon gets a place, or is refused."""
    transfers = BodyTransfers(LIMITS)
    first = transfers.begin(STRANGER, STRANGER, is_spared=False)
    with pytest.raises(TooBusy):
        transfers.begin(STRANGER, STRANGER, is_spared=False)
    transfers.begin(OTHER, OTHER, is_spared=False)
    with ThreadPoolExecutor(1) as pool:
        waiting, begun = Event(), "203.0.113.5"
        transfers.crowded = waiting.set
        third = pool.submit(transfers.begin, begun, begun, is_spared=False)
        assert waiting.wait(10)
        transfers.end(first)
        assert third.result(10).client == begun
    assert transfers.refused == 1


def test_a_body_must_make_progress() -> None:
    """Some kilobytes in ten seconds, and so much on average; more if others wait."""
    start = 1000.0
    transfer = BodyTransfer(STRANGER, STRANGER, start)
    limits = replace(LIMITS, body_stall=10, crowded_stall=1, body_rate=1000)
    assert not transfer.is_stalled(start + 9, limits, is_full=False)
    assert transfer.is_stalled(start + 10, limits, is_full=False)
    assert transfer.is_stalled(start + 1, limits, is_full=True)
    transfer.size, transfer.progressed = 8192, start + 9
    assert not transfer.is_stalled(start + 18, limits, is_full=False)
    transfer.progressed = start + 18
    assert transfer.is_stalled(start + 19, limits, is_full=False)
    transfer.size = 50_000_000
    assert not transfer.is_stalled(start + 19, limits, is_full=False)


def test_the_bodies_that_stalled_are_listed() -> None:
    """By the clock."""
    clock = Clock()
    transfers = BodyTransfers(LIMITS, clock)
    stalled = transfers.begin(STRANGER, STRANGER, is_spared=False)
    clock.now += 6
    transfers.begin(OTHER, OTHER, is_spared=False)
    assert transfers.stalled() == []
    clock.now += 6
    assert transfers.stalled() == [stalled]
