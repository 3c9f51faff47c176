"""Serving the published dataset with Granian: workers that each read the store."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from functools import partial
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread
from urllib.request import ProxyHandler, build_opener

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from alaqat.errors import CannotServe
from alaqat.library import read_library
from alaqat.store import open_store
from alaqat.store.published import current
from alaqat.web import create_app

# A worker evaluates in threads; the engine releases Python's lock while it does.
_WORKERS, _THREADS = min(2, os.cpu_count() or 1), 8
_PATIENCE = 60.0  # seconds until a server that does not answer is given up
_PAUSE = 0.05  # seconds between two looks at it
_GRACE = 5  # seconds that running requests have when the server is ended


def serve(
    output: Path,
    root: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = _WORKERS,
    ready: Callable[[str], object] = print,
) -> None:
    """Serve the current dataset until the process is interrupted or terminated.

    Args:
        output: the folder in which datasets are published.
        root: the folder that holds ``queries``.
        host: the address to listen at.
        port: the port; 0 takes a free one.
        workers: how many processes answer.
        ready: told the server's address once it answers.

    Raises:
        StoreUnavailable: there is no dataset, or it is damaged.
        InvalidData: a saved query is broken.
        CannotServe: the address is in use, or the server does not come up.
    """
    store = current(output).store
    read_library(root / "queries")
    port = _free_port(host, port)
    server = Granian(
        target=__name__,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=_THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=_GRACE,
        log_level=LogLevels.error,
    )
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    watch = _Watch(
        address,
        ready,
        is_forked=lambda: len(server.wrks) == workers,
        give_up=server.signal_handler_interrupt,
    )
    server.on_startup(watch.start)
    server.on_shutdown(watch.stop)
    load = partial(load_app, store, root / "queries")
    server.serve(target_loader=load, wrap_loader=False)
    if watch.failed:
        raise CannotServe(
            f"The server at {address} does not answer.", remedy="See its messages."
        )


def load_app(store: Path, queries: Path) -> Flask:
    """The application of one worker, which opens the store for itself."""
    return create_app(open_store(store), read_library(queries))


class _Watch:
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
        for _ in range(int(_PATIENCE / _PAUSE)):
            if self._ended.wait(_PAUSE):
                return
            if self._is_forked() and _answers(f"{self._address}/health"):
                self._ready(self._address)
                return
        self.failed = True
        self._give_up()


def _answers(url: str) -> bool:
    """Whether a server answers, asked without any proxy."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=_GRACE) as reply:
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
