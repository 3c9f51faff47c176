"""Running all attacks against one's own server, and what was wrong with its answers."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from threading import Event
from time import perf_counter
from urllib.parse import urlsplit
from uuid import uuid4

from alaqat.errors import StoreUnavailable, Unauthenticated
from alaqat_selftest.attack import Attack, attacks
from alaqat_selftest.sending import Outcome, send
from alaqat_selftest.trap import Trap, set_trap

_INSIDE = (b"Traceback (most recent call last)", b'File "/', b"site-packages/")
_PATIENCE = 5.0  # seconds for a light answer
_PAUSE = 0.02  # seconds between two light requests
_RARELY = 0.99  # the share of light requests whose time is told


@dataclass(frozen=True)
class Verdict:
    """What an attack came to.

    Attributes:
        name: of the attack.
        status: of the answer.
        seconds: that it took.
        flaws: what was wrong; none if the server is sound.
    """

    name: str
    status: int
    seconds: float
    flaws: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What all attacks came to.

    Attributes:
        verdicts: one for each attack.
        light: seconds that light requests took while queries of death ran, sorted.
    """

    verdicts: Sequence[Verdict]
    light: Sequence[float]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was wrong."""
        return not any(verdict.flaws for verdict in self.verdicts)

    @property
    def light_p99(self) -> float:
        """Seconds within which 99 of 100 light requests were answered."""
        return self.light[int(len(self.light) * _RARELY)] if self.light else 0.0


def attack(
    url: str,
    *,
    limit: float = 40.0,
    anywhere: bool = False,
    told: Callable[[str], object] = lambda _: None,
) -> Report:
    """Attack a server, within bounds.

    Args:
        url: its address.
        limit: seconds in which every attack must be answered.
        anywhere: whether the server may stand on another machine.
        told: the name of each attack as it begins.

    Raises:
        Unauthenticated: the server stands on another machine and that is not allowed.
        StoreUnavailable: it does not answer.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    _check(host, port, anywhere=anywhere)
    with tempfile.NamedTemporaryFile("w", suffix=".ttl") as file, set_trap() as trap:
        secret = uuid4().hex
        file.write(f'<urn:s> <urn:p> "{secret}" .\n')
        file.flush()
        test = _Test(host, port, limit, secret.encode(), trap)
        every = attacks(trap.address, file.name)
        told("queries of death, together")
        light, verdicts = test.together([a for a in every if a.group == "death"])
        for one in (a for a in every if a.group != "death"):
            told(one.name)
            verdicts.append(test.alone(one))
    return Report(verdicts, light)


@dataclass(frozen=True)
class _Test:
    """A server under test."""

    host: str
    port: int
    limit: float
    secret: bytes
    trap: Trap

    def alone(self, one: Attack) -> Verdict:
        """Attack, and see whether the server is sound afterwards."""
        calls = self.trap.calls
        outcome = send(one, self.host, self.port, self.limit)
        flaws = [*self._flaws(one, outcome)]
        if self.trap.calls > calls:
            flaws.append("it called the address in the request")
        if _light(self.host, self.port) is None:
            flaws.append("it does not answer any more")
        return Verdict(one.name, outcome.status, outcome.seconds, tuple(flaws))

    def together(self, all_: Sequence[Attack]) -> tuple[list[float], list[Verdict]]:
        """Attack at once, and time light requests meanwhile."""
        ended, times, missed = Event(), list[float](), 0
        with ThreadPoolExecutor(len(all_)) as pool:
            running = [
                pool.submit(send, one, self.host, self.port, self.limit) for one in all_
            ]
            while not all(one.done() for one in running):
                seconds = _light(self.host, self.port)
                missed += seconds is None
                times.append(_PATIENCE if seconds is None else seconds)
                ended.wait(_PAUSE)
        lost = [f"{missed} light requests had no answer meanwhile"] if missed else []
        verdicts = [
            Verdict(one.name, out.status, out.seconds, (*self._flaws(one, out), *lost))
            for one, out in zip(all_, (r.result() for r in running), strict=True)
        ]
        return sorted(times), verdicts

    def _flaws(self, one: Attack, outcome: Outcome) -> Iterator[str]:
        """What is wrong with an answer."""
        if outcome.is_late:
            yield f"no answer in {self.limit:.0f} s"
        elif outcome.status not in one.status:
            yield f"the status is {outcome.status}"
        if any(mark in outcome.content for mark in _INSIDE):
            yield "the answer shows the inside of the server"
        if self.secret in outcome.content:
            yield "the answer holds the content of a file"
        if one.never and one.never.encode() in outcome.content:
            yield f"the answer holds {one.never}"


def _check(host: str, port: int, *, anywhere: bool) -> None:
    """Refuse servers of others, and those that do not answer."""
    try:
        addresses = {str(row[4][0]) for row in socket.getaddrinfo(host, port)}
    except OSError:
        addresses = set()
    if not anywhere and not all(ip_address(one).is_loopback for one in addresses):
        raise Unauthenticated(
            f"{host} is not this machine.",
            remedy="Attack only what is yours; --anywhere says that it is.",
        )
    if _light(host, port) is None:
        raise StoreUnavailable(
            f"No server answers at {host}:{port}.", remedy="Start one: alaqat serve"
        )


def _light(host: str, port: int) -> float | None:
    """How long a light request takes; None if it has no good answer."""
    began = perf_counter()
    try:
        with closing(HTTPConnection(host, port, timeout=_PATIENCE)) as connection:
            connection.request("GET", "/health")
            if connection.getresponse().status != 200:
                return None
    except (OSError, HTTPException):
        return None
    return perf_counter() - began
