"""A listener on this machine that no server has a reason to call."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread


class Trap:
    """Counts the connections to a listening socket.

    Args:
        listener: the socket.
    """

    def __init__(self, listener: socket.socket) -> None:
        self.calls = 0
        self._listener = listener

    @property
    def address(self) -> str:
        """The URL of the listener."""
        host, port = self._listener.getsockname()[:2]
        return f"http://{host}:{port}/trap"

    def wait(self) -> None:
        """Accept and count connections until the listener is closed."""
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            self.calls += 1
            caller.close()


@contextmanager
def set_trap() -> Iterator[Trap]:
    """Open a trap for the duration of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        trap = Trap(listener)
        thread = Thread(target=trap.wait, daemon=True)
        thread.start()
        try:
            yield trap
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
