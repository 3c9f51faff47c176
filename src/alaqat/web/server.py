"""Serving the published dataset with Granian: one process, many threads, and readers.

One process answers, so that caches, budgets and queues are in one place; its threads
mostly wait for the processes in which queries are evaluated. The process that starts
it, and starts it again if it ends, imports nothing that only the application needs.
"""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import replace
from functools import partial
from http.client import HTTPException
from multiprocessing import Pipe
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from urllib.request import ProxyHandler, build_opener

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from alaqat.errors import CannotServe
from alaqat.queries.library import read_library
from alaqat.store.releases import current_release

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path

    from flask import Flask

    from alaqat.store.pool.messages import QueryLimits
    from alaqat.store.pool.store import PooledStore
    from alaqat.web.settings import Settings, WriteSettings


# More threads than queries may run and wait, so that some are left for all else.
_THREADS = 128
_WORKERS = max(2, os.cpu_count() or 1)
_HEADER_TIMEOUT = 10_000  # milliseconds in which a client must have sent its headers
_STARTUP_TIMEOUT = 60.0  # seconds until a server that does not answer is given up
_POLL_INTERVAL = 0.05  # seconds between two looks at it
_SWITCH_INTERVAL = (
    0.002  # seconds that a thread computes while others wait for their turn
)
_GRACE_PERIOD = 1.0  # seconds that running queries have when the server is ended
_SHUTDOWN_TIMEOUT = 5  # seconds until it is ended even if requests are not


def serve(
    output: Path,
    root: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = _WORKERS,
    limits: QueryLimits | None = None,
    settings: Settings | None = None,
    writing: WriteSettings | None = None,
    ready: Callable[[str], object] = print,
) -> None:
    """Serve the current dataset until the process is interrupted or terminated.

    Args:
        output: the folder in which datasets are published.
        root: the folder that holds ``queries``.
        host: the address to listen at.
        port: the port; 0 takes a free one.
        workers: how many processes are kept ready to evaluate queries.
        limits: of a query; the defaults if None.
        settings: of the web face; the defaults if None.
        writing: who may write to the working store that ``output`` is; None if it
            is only read.
        ready: told the server's address once it answers.

    Raises:
        StoreUnavailable: there is no dataset, or it is damaged.
        InvalidData: a saved query is broken.
        CannotServe: the address is in use, or the server does not come up.
    """
    current_release(output)
    read_library(root / "queries")
    port = _free_port(host, port)
    server = _Server(
        target=__name__,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=_THREADS,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_TIMEOUT),
        respawn_failed_workers=True,
        workers_kill_timeout=_SHUTDOWN_TIMEOUT,
        log_level=LogLevels.error,
    )
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    watch = _StartupMonitor(
        address,
        ready,
        is_forked=lambda: bool(server.wrks),
        give_up=server.signal_handler_interrupt,
    )
    server.on_startup(watch.start)
    server.on_shutdown(watch.stop)
    load = partial(
        load_app,
        *(output, root / "queries", workers, limits),
        settings=settings,
        ending=server.ending,
        writing=writing,
    )
    server.serve(target_loader=load, wrap_loader=False)
    if watch.failed:
        raise CannotServe(
            f"The server at {address} does not answer.", remedy="See its messages."
        )


def load_app(
    output: Path,
    queries: Path,
    workers: int,
    limits: QueryLimits | None,
    *,
    settings: Settings | None,
    ending: Connection,
    writing: WriteSettings | None = None,
) -> Flask:
    """The application, with its readers, in the process that answers.

    Args:
        output: the folder in which datasets are published.
        queries: the folder of the saved queries.
        workers: how many processes are kept ready to evaluate queries.
        limits: of a query.
        settings: of the web face.
        ending: says something when the server is ended.
        writing: who may write; None if nobody may.
    """
    from alaqat.dataset import Datasets
    from alaqat.store.pool.messages import QueryLimits
    from alaqat.store.pool.sandbox import die_with_parent
    from alaqat.store.pool.session import take_cpu_seconds
    from alaqat.store.pool.store import PooledStore
    from alaqat.store.releases import BUILDS, CurrentSnapshot
    from alaqat.web.app import anonymous, create_app
    from alaqat.web.middleware import observability
    from alaqat.web.middleware.warmup import limit_arenas, start_warmup
    from alaqat.web.settings import Settings

    die_with_parent()
    limit_arenas()
    sys.setswitchinterval(_SWITCH_INTERVAL)
    settings = settings or Settings()
    observability.start_logging(requests=settings.log_requests)
    latest = CurrentSnapshot(output.absolute())
    store = PooledStore(latest, workers=workers, limits=limits or QueryLimits())
    Thread(target=_close_after_grace, args=(store, ending), daemon=True).start()
    datasets = Datasets(latest)
    app = create_app(
        store,
        read_library(queries),
        replace(settings, builds=output.absolute() / BUILDS),
        dataset=datasets.current,
        editor=writing.editor(output) if writing else None,
        author=writing.author if writing else anonymous,
        figures=(
            partial(observability.pool_metrics, store),
            partial(observability.snapshot_metrics, latest),
        ),
        evaluated=take_cpu_seconds,
    )
    start_warmup(app, datasets.current, Event())
    return app


def _close_after_grace(store: PooledStore, ending: Connection) -> None:
    """Stop the queries that still run some time after the server is ended.

    Granian waits for the requests it has, and those wait for their queries.
    """
    ending.recv()
    Event().wait(_GRACE_PERIOD)
    store.close()


class _Server(MPServer):
    """A server that tells the process that answers when it is ended."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.ending, self._end = Pipe(duplex=False)

    def shutdown(self, exit_code: int = 0) -> None:
        """End."""
        self._end.send(True)
        super().shutdown(exit_code)  # type: ignore[no-untyped-call] # Granian's own has no types


class _StartupMonitor:
    """Looks at a server from its start until it answers, and tells its address."""

    def __init__(
        self,
        address: str,
        ready: Callable[[str], object],
        *,
        is_forked: Callable[[], bool],
        give_up: Callable[[], object],
    ) -> None:
        self.failed = False
        self._address = address
        self._ready = ready
        self._is_forked = is_forked
        self._give_up = give_up
        self._ended = Event()

    def start(self) -> None:
        """Begin to look."""
        Thread(target=self._look, daemon=True).start()

    def stop(self) -> None:
        """Look no longer."""
        self._ended.set()

    def _look(self) -> None:
        """Wait for the workers, which are forked, then for the first answer."""
        for _ in range(int(_STARTUP_TIMEOUT / _POLL_INTERVAL)):
            if self._ended.wait(_POLL_INTERVAL):
                return
            if self._is_forked() and _is_healthy(f"{self._address}/health"):
                self._ready(self._address)
                return
        self.failed = True
        self._give_up()


def _is_healthy(url: str) -> bool:
    """Whether a server answers, asked without any proxy."""
    try:
        with build_opener(ProxyHandler({})).open(
            url, timeout=_SHUTDOWN_TIMEOUT
        ) as reply:
            return bool(reply.status == 200)
    except (OSError, HTTPException):
        return False


def _free_port(host: str, port: int) -> int:
    """The port if it is free, or a free one for 0.

    Raises:
        CannotServe: another program has it, or the host is not ours.
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
            f"{host}:{port} cannot be listened at: {error.strerror or error}.",
            remedy="Take another port, or 0 for a free one: alaqat serve --port 0",
        ) from None
