"""The HTTP server (Granian): one process with many threads, and a worker pool.

A single process answers, so that caches, rate limits and queues are in one place; its
threads mostly wait for the worker processes that evaluate queries. The parent process,
which starts it and restarts it if it ends, imports nothing that only the application
needs.
"""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import replace
from functools import partial
from http.client import HTTPException
from threading import Event, Thread
from typing import TYPE_CHECKING
from urllib.request import ProxyHandler, build_opener

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from alaqat.errors import CannotServe
from alaqat.log import capture_output, start_logging
from alaqat.queries.library import read_library
from alaqat.store.releases import BUILD_LOG, current_release
from alaqat.web.settings import THREADS, FrontLimits, Settings
from alaqat.web.supervisor import (
    Supervisor,
    connections_within,
    raise_limit,
    restarts,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path

    from flask import Flask

    from alaqat.store.pool.messages import QueryLimits
    from alaqat.store.pool.store import PooledStore
    from alaqat.web.middleware.admission import AdmissionMiddleware
    from alaqat.web.write_settings import WriteSettings


_WORKERS = max(2, os.cpu_count() or 1)
_STARTUP_TIMEOUT = 60.0  # seconds until a server that does not answer is given up
_POLL_INTERVAL = 0.05  # seconds between two health checks during startup
_SWITCH_INTERVAL = 0.002  # seconds that a thread computes while others wait
_GRACE_PERIOD = 1.0  # seconds that running queries have when the server shuts down
_SHUTDOWN_TIMEOUT = 5  # seconds until it is killed even if requests are running


def serve(
    output: Path,
    root: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = _WORKERS,
    limits: QueryLimits | None = None,
    settings: Settings | None = None,
    write_settings: WriteSettings | None = None,
    ready: Callable[[str], object] = print,
) -> None:
    """Serve the current dataset until the process is interrupted or terminated.

    Args:
        output: the folder of releases, or the writable store.
        root: the folder that holds ``queries``.
        host: the address to listen on.
        port: the port; 0 takes a free one.
        workers: the size of the worker pool that evaluates queries.
        limits: of a query; the defaults if None.
        settings: of the web application; the defaults if None.
        write_settings: who may write to the writable store; None if it is read-only.
        ready: called with the server's address once it answers.

    Raises:
        StoreUnavailable: there is no dataset, or it is damaged.
        InvalidData: a saved query is invalid.
        CannotServe: the address is in use, or the server does not start.
    """
    settings = settings or Settings()
    front = settings.front
    fitting = connections_within(raise_limit(), front.connections, workers)
    settings = replace(
        settings,
        front=replace(front, connections=fitting),
        builds=output.absolute() / BUILD_LOG,
    )
    current_release(output)
    read_library(root / "queries")
    port = _free_port(host, port)
    server = _supervisor(host, port, settings.front)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    monitor = _StartupMonitor(
        address,
        ready,
        is_forked=lambda: bool(server.wrks),
        give_up=server.signal_handler_interrupt,
    )
    server.has_answered = lambda: monitor.succeeded
    server.on_startup(monitor.start)
    server.on_shutdown(monitor.stop)
    load = partial(
        load_app,
        *(output, root / "queries", workers, limits),
        settings=settings,
        address=address,
        port=port,
        shutdown=server.shutdown_receiver,
        write_settings=write_settings,
    )
    server.serve(target_loader=load, wrap_loader=False)
    if monitor.failed:
        raise CannotServe(
            f"The server at {address} does not answer.",
            remedy="See the messages that it wrote.",
        )


def _supervisor(host: str, port: int, front: FrontLimits) -> Supervisor:
    """Return the server, which has not started."""
    return Supervisor(
        target=__name__,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=1,
        blocking_threads=THREADS,
        backpressure=front.connections,
        http1_settings=HTTP1Settings(
            header_read_timeout=round(front.head_seconds * 1000)
        ),
        workers_kill_timeout=_SHUTDOWN_TIMEOUT,
        log_level=LogLevels.error,
    )


def load_app(
    output: Path,
    queries: Path,
    workers: int,
    limits: QueryLimits | None,
    *,
    settings: Settings,
    port: int,
    shutdown: Connection,
    address: str,
    write_settings: WriteSettings | None = None,
) -> AdmissionMiddleware:
    """Create the application and its worker pool, in the process that answers.

    Args:
        output: the folder of releases, or the writable store.
        queries: the folder of the saved queries.
        workers: the size of the worker pool.
        limits: of a query.
        settings: of the web application.
        port: where the server listens.
        address: that the server listens on.
        shutdown: receives a message when the server shuts down.
        write_settings: who may write; None if nobody may.
    """
    _prepare_process(settings)
    from alaqat.accounting import take_cpu_seconds
    from alaqat.dataset import Datasets
    from alaqat.http.caching import ResponseCache
    from alaqat.store.pool.messages import QueryLimits
    from alaqat.store.pool.store import PooledStore
    from alaqat.store.releases import CurrentSnapshot
    from alaqat.web.app import anonymous, create_app
    from alaqat.web.middleware import observability
    from alaqat.web.middleware.warmup import start_warmup

    snapshots = CurrentSnapshot(output.absolute())
    limits = limits or QueryLimits()
    store = PooledStore(snapshots, workers=workers, limits=limits)
    Thread(target=_close_after_grace, args=(store, shutdown), daemon=True).start()
    datasets = Datasets(snapshots)
    front = _Front(port, settings)
    app = create_app(
        store,
        read_library(queries),
        replace(settings, own_address=address, restarts=restarts()),
        dataset=datasets.current,
        writer=write_settings.writer(output) if write_settings else None,
        author=write_settings.author if write_settings else anonymous,
        metrics=(
            partial(observability.pool_metrics, store),
            partial(observability.snapshot_metrics, snapshots),
            *front.metrics,
        ),
        cpu_seconds=take_cpu_seconds,
        cache=ResponseCache(room=store.waiting_room, timeout=limits.seconds),
    )
    start_warmup(app, datasets.current, Event())
    return front.wrap(app)


def _prepare_process(settings: Settings) -> None:
    """Set up the log, the lifetime, the memory and the threads of this process."""
    capture_output()  # before the application is imported
    from alaqat.store.pool.sandbox import die_with_parent
    from alaqat.web.middleware.warmup import limit_arenas

    die_with_parent()
    limit_arenas()
    sys.setswitchinterval(_SWITCH_INTERVAL)
    start_logging(requests=settings.log_requests)


class _Front:
    """What stands before the application: admission, bodies and connections."""

    def __init__(self, port: int, settings: Settings) -> None:
        from alaqat.web.middleware.admission import InFlight
        from alaqat.web.middleware.bodies import BodyTransfers
        from alaqat.web.middleware.connections import ConnectionWatchdog

        self._settings = settings
        self._in_flight = InFlight(settings.front)
        self._transfers = BodyTransfers(settings.front)
        self._watchdog = ConnectionWatchdog(
            *(port, settings.front, self._transfers),
            is_behind_proxy=settings.proxies > 0,
        )
        self.metrics = self._in_flight.metrics, self._watchdog.metrics

    def wrap(self, app: Flask) -> AdmissionMiddleware:
        """Return the application behind the admission, and watch the connections."""
        from alaqat.web.middleware.admission import AdmissionMiddleware

        self._watchdog.start()
        return AdmissionMiddleware(
            *(app, self._in_flight, self._transfers, self._settings.front),
            proxies=self._settings.proxies,
        )


def _close_after_grace(store: PooledStore, shutdown: Connection) -> None:
    """Stop the queries that still run some time after the server shuts down.

    Granian waits for its requests, and those wait for their queries.
    """
    shutdown.recv()
    Event().wait(_GRACE_PERIOD)
    store.close()


class _StartupMonitor:
    """A thread that polls a starting server and reports its address once it answers."""

    def __init__(
        self,
        address: str,
        ready: Callable[[str], object],
        *,
        is_forked: Callable[[], bool],
        give_up: Callable[[], object],
    ) -> None:
        self.failed = self.succeeded = False
        self._address = address
        self._ready = ready
        self._is_forked = is_forked
        self._give_up = give_up
        self._stopped = Event()

    def start(self) -> None:
        """Start polling."""
        Thread(target=self._poll, daemon=True).start()

    def stop(self) -> None:
        """Stop polling."""
        self._stopped.set()

    def _poll(self) -> None:
        """Wait for the process to be forked, then for its first answer."""
        for _ in range(int(_STARTUP_TIMEOUT / _POLL_INTERVAL)):
            if self._stopped.wait(_POLL_INTERVAL):
                return
            if self._is_forked() and _is_healthy(f"{self._address}/health"):
                self.succeeded = True
                self._ready(self._address)
                return
        self.failed = True
        self._give_up()


def _is_healthy(url: str) -> bool:
    """Return whether a health check succeeds, without any proxy."""
    try:
        opener = build_opener(ProxyHandler({}))
        with opener.open(url, timeout=_SHUTDOWN_TIMEOUT) as response:
            return bool(response.status == 200)
    except (OSError, HTTPException):
        return False


def _free_port(host: str, port: int) -> int:
    """Return the port if it is free, or a free one for 0.

    Raises:
        CannotServe: another program has it, or the host is not one of ours.
    """
    try:
        kind, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(kind, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            return int(listener.getsockname()[1])
    except OSError as error:
        raise CannotServe(
            f"Cannot listen on {host}:{port}: {error.strerror or error}.",
            remedy="Choose another port, or 0 for a free one: alaqat serve --port 0",
        ) from None
