"""Sending an attack, and what came back."""

from __future__ import annotations

import socket
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from time import perf_counter

from alaqat_selftest.attack import Attack

_SHOWN = 2_000_000  # bytes of an answer that are looked at


@dataclass(frozen=True)
class Outcome:
    """What came back.

    Attributes:
        status: of the answer; 0 if the connection was closed without one.
        seconds: until it came.
        content: its headers, and its body as far as it is looked at.
        is_late: whether nothing came in time.
    """

    status: int
    seconds: float
    content: bytes = b""
    is_late: bool = False


def send(attack: Attack, host: str, port: int, limit: float) -> Outcome:
    """Send an attack and wait for the answer.

    Args:
        attack: what is sent.
        host: of the server.
        port: of the server.
        limit: seconds to wait at most.
    """
    began = perf_counter()
    try:
        if attack.raw:
            status, content = _send_raw(attack.raw, host, port, limit)
        else:
            status, content = _send(attack, host, port, limit)
    except TimeoutError:
        return Outcome(0, perf_counter() - began, is_late=True)
    except (OSError, HTTPException):
        return Outcome(0, perf_counter() - began)
    return Outcome(status, perf_counter() - began, content)


def _send(attack: Attack, host: str, port: int, limit: float) -> tuple[int, bytes]:
    """Send a request as a client library does."""
    headers = {"Accept": attack.accept}
    if attack.content_type:
        headers["Content-Type"] = attack.content_type
    with closing(HTTPConnection(host, port, timeout=limit)) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # it may refuse early
            connection.request(attack.method, attack.path, attack.body or None, headers)
        reply = connection.getresponse()
        return reply.status, bytes(reply.headers) + reply.read(_SHOWN)


def _send_raw(raw: bytes, host: str, port: int, limit: float) -> tuple[int, bytes]:
    """Send bytes as they are; the answer is its status line and what follows."""
    with socket.create_connection((host, port), timeout=limit) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        content = connection.recv(_SHOWN)
    first = content.split(b"\r\n", 1)[0].split()
    return int(first[1]) if len(first) > 1 and first[1].isdigit() else 0, content
