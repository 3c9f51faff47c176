"""HTTP client for attacks."""

from __future__ import annotations

import socket
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from time import perf_counter

from alaqat_selftest.attack import Attack

_MAX_READ = 2_000_000  # bytes of an answer


@dataclass(frozen=True)
class Outcome:
    """The answer to an attack.

    Attributes:
        status: its status; 0 if the connection was closed without an answer.
        seconds: the time until it came.
        content: its headers and the start of its body.
        is_late: whether nothing came within the limit.
    """

    status: int
    seconds: float
    content: bytes = b""
    is_late: bool = False


def send(attack: Attack, host: str, port: int, limit: float) -> Outcome:
    """Send an attack and return its outcome within ``limit`` seconds."""
    began = perf_counter()
    try:
        if attack.raw:
            status, content = _send_raw(attack, host, port, limit)
        else:
            status, content = _send(attack, host, port, limit)
    except TimeoutError:
        return Outcome(0, perf_counter() - began, is_late=True)
    except (OSError, HTTPException):
        return Outcome(0, perf_counter() - began)
    return Outcome(status, perf_counter() - began, content)


def _send(attack: Attack, host: str, port: int, limit: float) -> tuple[int, bytes]:
    """Send a well-formed request; return the status and content."""
    headers = {"Accept": attack.accept}
    if attack.content_type:
        headers["Content-Type"] = attack.content_type
    with closing(HTTPConnection(host, port, timeout=limit)) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # it may refuse early
            connection.request(attack.method, attack.path, attack.body or None, headers)
        reply = connection.getresponse()
        return reply.status, bytes(reply.headers) + reply.read(_MAX_READ)


def _send_raw(attack: Attack, host: str, port: int, limit: float) -> tuple[int, bytes]:
    """Send raw bytes; return the status and content."""
    with socket.create_connection((host, port), timeout=limit) as connection:
        connection.sendall(attack.raw)
        if not attack.is_held:
            connection.shutdown(socket.SHUT_WR)
        content = connection.recv(_MAX_READ)
    first = content.split(b"\r\n", 1)[0].split()
    return int(first[1]) if len(first) > 1 and first[1].isdigit() else 0, content
