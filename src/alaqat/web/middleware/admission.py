"""Admission: how many requests are in flight, of one client and in all.

The outermost middleware. A request that blocks holds one of few threads; so some are
refused at once, before their body is read, and some threads are left for monitors
whatever else happens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import Any

from alaqat.accounting import set_client
from alaqat.errors import RateLimitExceeded, TooBusy
from alaqat.http.messages import HttpResponse
from alaqat.http.representation import MAX_IN_MEMORY, problem_response
from alaqat.lru import LruCache
from alaqat.web.middleware.bodies import (
    BodyInput,
    BodyTransfer,
    BodyTransfers,
    UnboundedInput,
    announced_length,
)
from alaqat.web.middleware.rate_limit import (
    address_of_request,
    client_of_address,
    is_loopback,
)
from alaqat.web.settings import FrontLimits

_WsgiEnviron = dict[str, Any]
_WsgiApp = Callable[[_WsgiEnviron, Any], Iterable[bytes]]

# Paths that have threads of their own, and those whose requests are all different.
_MONITORS, _PROBE = frozenset({"/health", "/metrics"}), "/ready"
_QUERIES = frozenset({"/sparql", "/sparql/"})
_HARDLY_ANY = 2  # requests in flight of a client that may use the reserved places
_RETRY_SECONDS = 1
_PATIENCE = 8  # refusals within that time, after which a client is refused at once
_MAX_CLIENTS = 10_000


class InFlight:
    """Counts the requests in flight, within limits.

    Args:
        limits: of their number.
        clock: returns the time in seconds.
    """

    def __init__(
        self, limits: FrontLimits, clock: Callable[[], float] = monotonic
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._impatient: LruCache[tuple[float, int]] = LruCache(_MAX_CLIENTS)
        self._lock = Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._refused: Counter[str] = Counter()

    def enter(
        self, client: str, path: str, *, is_spared: bool = False
    ) -> list[tuple[str, str]]:
        """Count a request, and return what is to be given to ``leave``.

        Args:
            client: who sent it.
            path: what it is for.
            is_spared: whether the client may have more in flight than others.

        Raises:
            RateLimitExceeded: the client has too many in flight.
            TooBusy: all clients together have.
        """
        counted = self._counted(client, path, is_spared=is_spared)
        with self._lock:
            if counted[0][0] == "client" and not is_spared:
                self._check_patience(client)
            if self._counts["client", client] >= _HARDLY_ANY:
                common = self._limits.requests - self._limits.reserved
                counted = [
                    (kind, name, common if kind == "requests" else limit)
                    for kind, name, limit in counted
                ]
            for kind, name, limit in counted:
                if self._counts[kind, name] >= limit:
                    self._refused[kind] += 1
                    raise _refusal(kind, limit)
            keys = [(kind, name) for kind, name, _ in counted]
            self._counts.update(keys)
        return keys

    def note_refusal(self, client: str) -> None:
        """Count a request that the application refused because it was too busy."""
        with self._lock:
            since, count = self._impatient.get(client) or (0.0, 0)
            now = self._clock()
            is_old = now - since >= _RETRY_SECONDS
            self._impatient.set(client, (now, 1) if is_old else (since, count + 1))

    def _check_patience(self, client: str) -> None:
        """Refuse a client that was refused many times within a second. Lock held.

        Each refusal by the application takes far longer than one here.
        """
        since, count = self._impatient.get(client) or (0.0, 0)
        if count >= _PATIENCE and self._clock() - since < _RETRY_SECONDS:
            self._refused["client"] += 1
            raise RateLimitExceeded(
                "The server was too busy for you, and you did not wait.",
                retry_after=_RETRY_SECONDS,
                remedy="Wait as long as Retry-After says.",
            )

    def _counted(
        self, client: str, path: str, *, is_spared: bool
    ) -> list[tuple[str, str, int]]:
        """Return what a request counts for, with the limit of each."""
        limits = self._limits
        if path in _MONITORS:
            return [("monitors", "", limits.monitors)]
        if path == _PROBE:
            return [("probes", "", limits.probes)]
        own = limits.requests_per_local if is_spared else limits.requests_per_client
        counted = [("client", client, own), ("requests", "", limits.requests)]
        if path not in _QUERIES:
            counted.append(("path", path, limits.requests_per_path))
        return counted

    def leave(self, keys: list[tuple[str, str]]) -> None:
        """Count a request no more."""
        with self._lock:
            for key in keys:
                self._counts[key] -= 1
                if self._counts[key] <= 0:
                    del self._counts[key]

    def metrics(self) -> dict[str, float]:
        """Return how many are in flight, and how many were refused."""
        with self._lock:
            refused = dict(self._refused)
            running = sum(
                self._counts[kind, ""] for kind in ("requests", "monitors", "probes")
            )
        client = refused.pop("client", 0)
        return {
            "requests_in_flight": running,
            "requests_refused_client_total": client,
            "requests_refused_busy_total": sum(refused.values()),
        }


def _refusal(kind: str, limit: int) -> TooBusy:
    """Return the error of a request beyond a limit."""
    if kind == "client":
        return RateLimitExceeded(
            f"You have {limit} requests in flight, which is the maximum.",
            retry_after=_RETRY_SECONDS,
            remedy="Wait for their answers before you send more.",
        )
    return TooBusy(
        "The server has as many requests in flight as it can hold.",
        retry_after=_RETRY_SECONDS,
        remedy="Try again in a moment.",
    )


class AdmissionMiddleware:
    """Admits a request or refuses it, and watches how its body is read.

    Args:
        app: the WSGI application.
        in_flight: counts the requests.
        transfers: counts the bodies that are being read.
        limits: tells who is limited.
        proxies: how many are in front of the server.
    """

    def __init__(
        self,
        app: _WsgiApp,
        in_flight: InFlight,
        transfers: BodyTransfers,
        limits: FrontLimits,
        *,
        proxies: int,
    ) -> None:
        self._app = app
        self._in_flight = in_flight
        self._transfers = transfers
        self._limits = limits
        self._proxies = proxies

    def __call__(self, environ: _WsgiEnviron, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        address = address_of_request(environ, self._proxies)
        client = client_of_address(address)
        is_spared = self._limits.spares_loopback and is_loopback(address)
        path = environ.get("PATH_INFO", "")
        try:
            keys = self._in_flight.enter(client, path, is_spared=is_spared)
        except TooBusy as error:
            return _start(problem_response(error), start_response)
        set_client(client)
        closers: list[Callable[[], object]] = [lambda: self._in_flight.leave(keys)]
        with suppress(KeyError):  # as where a test sends no input
            source = environ["wsgi.input"]
            environ["wsgi.input"] = self._watched(
                *(source, environ, client), is_spared=is_spared, closers=closers
            )
        length: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], *info: Any) -> Any:
            if status.startswith("503") and path in _QUERIES:
                self._in_flight.note_refusal(client)
            length[:] = [text for name, text in headers if name == "Content-Length"]
            return start_response(status, headers, *info)

        try:
            response = self._app(environ, start)
        except BaseException:
            _call(closers)
            raise
        return _whole(_Closing(response, closers), length)

    def _watched(
        self,
        source: Any,
        environ: _WsgiEnviron,
        client: str,
        *,
        is_spared: bool,
        closers: list[Callable[[], object]],
    ) -> Any:
        """Return the input of a request, which takes a place while it is read."""
        length = announced_length(environ)
        if length is None:
            return UnboundedInput()
        address = str(environ.get("REMOTE_ADDR", ""))

        def begin() -> BodyTransfer:
            return self._transfers.begin(client, address, is_spared=is_spared)

        body = BodyInput(source, length, begin, self._transfers)
        closers.append(body.close)
        return body


class _Closing:
    """The body of a response; closing it tells those who wait for that, once.

    Args:
        body: what the application returned.
        closers: are called when it is closed.
    """

    def __init__(
        self, body: Iterable[bytes], closers: list[Callable[[], object]]
    ) -> None:
        self._body = body
        self._closers = closers

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks."""
        return iter(self._body)

    def close(self) -> None:
        """Close the body, then call those who wait."""
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            _call(self._closers)
            self._closers = []


def _whole(body: _Closing, length: list[str]) -> Iterable[bytes]:
    """Return a short body as a list, which blocks no thread until the client takes it.

    Args:
        body: of the response.
        length: the value of its Content-Length, if it has one.
    """
    if not any(text.isdecimal() and int(text) <= MAX_IN_MEMORY for text in length):
        return body
    try:
        return list(body)
    finally:
        body.close()


def _start(response: HttpResponse, start_response: Any) -> list[bytes]:
    """Start a response, and return its body."""
    status = response.status
    start_response(f"{int(status)} {status.phrase}", list(response.headers.items()))
    return [b"".join(response.body)]


def _call(closers: list[Callable[[], object]]) -> None:
    for close in closers:
        close()
