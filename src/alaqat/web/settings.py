"""Settings of the web application, and limits of the front of the server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

#: Threads that answer requests: more than queries may run and wait.
THREADS = 128


@dataclass(frozen=True)
class FrontLimits:
    """Limits of the front of the server: connections, requests in flight, bodies.

    Attributes:
        requests: in flight that may block a thread, of all clients; threads beyond
            these refuse requests, and answer monitors.
        reserved: of these, for clients with hardly any in flight.
        requests_per_client: in flight of one client.
        requests_per_local: of one client on this machine, if that is spared.
        requests_per_path: in flight for one path that is no query, of all clients.
        monitors: requests in flight for /health and /metrics.
        probes: requests in flight for /ready.
        connections: open at once; beyond, those idle for longest are closed.
        connections_per_client: open at once of one client.
        bodies: that are being received at once.
        bodies_per_client: of one client.
        body_stall: seconds in which some kilobytes of a body must come.
        crowded_stall: the same while other bodies wait to be received.
        body_rate: bytes a second of a body, on average.
        send_stall: seconds in which a client must take some of a response.
        send_rate: bytes a second that a client must take within that time.
        head_seconds: in which a client must have sent a request's head, from the
            connection's begin or from the last response.
        spares_loopback: whether clients on this machine may have more than others.
    """

    requests: int = THREADS - 16
    reserved: int = 16
    requests_per_client: int = 32
    requests_per_local: int = 80
    requests_per_path: int = (THREADS - 16) // 2
    monitors: int = 8
    probes: int = 4
    connections: int = 2048
    connections_per_client: int = 256
    bodies: int = 32
    bodies_per_client: int = 8
    body_stall: float = 10.0
    crowded_stall: float = 1.0
    body_rate: float = 1000.0
    send_stall: float = 10.0
    send_rate: float = 1000.0
    head_seconds: float = 10.0
    spares_loopback: bool = True


@dataclass(frozen=True)
class Settings:
    """Settings of the web application.

    Attributes:
        first_question: the saved question that the query page begins with.
        shown_questions: those that the home page shows with their numbers of results.
        shown_rows: the number of rows that a page shows; files hold all.
        largest_body: the largest body of a request, in bytes.
        proxies: the number of reverse proxies in front of the server that set
            X-Forwarded-For, -Proto, -Host and -Prefix; with 0 these are ignored.
        public_url: the address at which the site is published, as links and headers
            have it; empty if it is not known.
        own_address: the address that the server listens on. It replaces the host of a
            request if there is no public address, and no proxy that sets the host.
        largest_graph: the largest graph that may be sent to /data, in bytes.
        requests_per_minute: rate limit of a client; 0 for none.
        seconds_per_minute: rate limit of a client, in seconds of work; 0 for none.
        services: the endpoints that a query may call by SERVICE.
        log_requests: whether every request is logged, or errors only.
        spares_loopback: whether clients on this machine are exempt from rate limits.
        builds: the file that lists the builds; None if there is none.
        front: limits of connections, of requests in flight and of bodies.
        restarts: how often the process that answers was started again, having ended by
            itself.
    """

    first_question: str = "embassies-by-city"
    shown_questions: tuple[str, ...] = (
        "countries-without-relations",
        "visa-free-entry",
        "founding-members",
        "timeline",
        "figures-in-doubt",
        "where-the-document-is-silent",
    )
    shown_rows: int = 500
    largest_body: int = 1_000_000
    proxies: int = 0
    public_url: str = ""
    own_address: str = "http://localhost"
    largest_graph: int = 50_000_000
    requests_per_minute: float = 0
    seconds_per_minute: float = 0
    services: frozenset[str] = frozenset()
    log_requests: bool = False
    spares_loopback: bool = True
    builds: Path | None = None
    front: FrontLimits = FrontLimits()
    restarts: int = 0
