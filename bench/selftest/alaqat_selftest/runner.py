"""Test runner: send all attacks to a server and report the flaws of its answers."""

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
from alaqat_selftest.client import Outcome, send
from alaqat_selftest.trap import Trap, set_trap

_INTERNALS = (b"Traceback (most recent call last)", b'File "/', b"site-packages/")
_LIGHT_TIMEOUT = 5.0  # seconds
_PAUSE = 0.02  # seconds between two light requests
_QUANTILE = 0.99  # of the times of light requests


@dataclass(frozen=True)
class AttackResult:
    """The result of one attack.

    Attributes:
        name: of the attack.
        status: of the answer.
        seconds: the time until the answer.
        flaws: what was wrong with it; empty if the server is sound.
    """

    name: str
    status: int
    seconds: float
    flaws: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """The results of all attacks.

    Attributes:
        results: one for each attack.
        light: seconds of light requests sent beside groups of attacks, sorted.
    """

    results: Sequence[AttackResult]
    light: Sequence[float]

    @property
    def is_sound(self) -> bool:
        """Whether no attack found a flaw."""
        return not any(result.flaws for result in self.results)

    @property
    def light_p99(self) -> float:
        """Seconds within which 99 of 100 light requests were answered."""
        return self.light[int(len(self.light) * _QUANTILE)] if self.light else 0.0


def attack(
    url: str,
    *,
    limit: float = 40.0,
    anywhere: bool = False,
    progress: Callable[[str], object] = lambda _: None,
) -> Report:
    """Run all attacks against a server and return the report.

    Args:
        url: the address of the server.
        limit: seconds within which every attack must be answered.
        anywhere: whether the server may be on another machine.
        progress: called with the name of each attack as it starts.

    Raises:
        Unauthenticated: the server is on another machine and ``anywhere`` is false.
        StoreUnavailable: it does not answer.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    _check(host, port, anywhere=anywhere)
    with tempfile.NamedTemporaryFile("w", suffix=".ttl") as file, set_trap() as trap:
        secret = uuid4().hex
        file.write(f'<urn:s> <urn:p> "{secret}" .\n')
        file.flush()
        test = Target(host, port, limit, secret.encode(), trap)
        every = attacks(trap.address, file.name)
        light, results = list[float](), list[AttackResult]()
        for name in dict.fromkeys(a.group for a in every if a.group):
            group = [a for a in every if a.group == name]
            progress(f"{', '.join(a.name for a in group)}, all at once")
            times, found = test.together(group)
            light += times
            results += found
        for one in (a for a in every if not a.group):
            progress(one.name)
            results.append(test.alone(one))
    return Report(results, sorted(light))


@dataclass(frozen=True)
class Target:
    """The server under test."""

    host: str
    port: int
    limit: float
    secret: bytes
    trap: Trap

    def alone(self, one: Attack) -> AttackResult:
        """Run one attack, then check that the server still answers."""
        calls = self.trap.calls
        outcome = send(one, self.host, self.port, self.limit)
        flaws = [*self._flaws(one, outcome)]
        if self.trap.calls > calls:
            flaws.append("the server called the address in the request")
        if _light(self.host, self.port) is None:
            flaws.append("the server no longer answers")
        return AttackResult(one.name, outcome.status, outcome.seconds, tuple(flaws))

    def together(
        self, group: Sequence[Attack]
    ) -> tuple[list[float], list[AttackResult]]:
        """Run attacks at the same time, timing light requests beside them."""
        ended, times, missed = Event(), list[float](), 0
        copies = [one for one in group for _ in range(one.times)]
        with ThreadPoolExecutor(len(copies)) as pool:
            running = [
                pool.submit(send, one, self.host, self.port, self.limit)
                for one in copies
            ]
            while not all(one.done() for one in running):
                seconds = _light(self.host, self.port)
                missed += seconds is None
                times.append(_LIGHT_TIMEOUT if seconds is None else seconds)
                ended.wait(_PAUSE)
        lost = [f"{missed} light requests had no answer meanwhile"] if missed else []
        outcomes = list(zip(copies, (one.result() for one in running), strict=True))
        results = [
            self._summary(one, [out for copy, out in outcomes if copy is one], lost)
            for one in group
        ]
        return times, results

    def _summary(
        self, one: Attack, outcomes: Sequence[Outcome], lost: Sequence[str]
    ) -> AttackResult:
        """Return one result for all copies of an attack: the slowest, and all flaws."""
        slowest = max(outcomes, key=lambda out: out.seconds)
        flaws = dict.fromkeys(
            flaw for out in outcomes for flaw in self._flaws(one, out)
        )
        return AttackResult(one.name, slowest.status, slowest.seconds, (*flaws, *lost))

    def _flaws(self, one: Attack, outcome: Outcome) -> Iterator[str]:
        """Yield the flaws of an answer."""
        if outcome.is_late:
            yield f"no answer in {self.limit:.0f} s"
        elif outcome.status not in one.status:
            yield f"the status is {outcome.status}"
        if any(mark in outcome.content for mark in _INTERNALS):
            yield "the answer shows internals of the server"
        if self.secret in outcome.content:
            yield "the answer contains the content of a file"
        if one.never and one.never.encode() in outcome.content:
            yield f"the answer contains {one.never}"


def _check(host: str, port: int, *, anywhere: bool) -> None:
    """Raise unless the server is on this machine, if it must be, and answers."""
    try:
        addresses = {str(row[4][0]) for row in socket.getaddrinfo(host, port)}
    except OSError:
        addresses = set()
    if not anywhere and not all(ip_address(one).is_loopback for one in addresses):
        raise Unauthenticated(
            f"{host} is not this machine.",
            remedy="Attack only your own servers; --anywhere says that it is yours.",
        )
    if _light(host, port) is None:
        raise StoreUnavailable(
            f"No server answers at {host}:{port}.", remedy="Start one: alaqat serve"
        )


def _light(host: str, port: int) -> float | None:
    """Return the seconds of a light request; None if it fails."""
    began = perf_counter()
    try:
        with closing(HTTPConnection(host, port, timeout=_LIGHT_TIMEOUT)) as connection:
            connection.request("GET", "/health")
            if connection.getresponse().status != 200:
                return None
    except (OSError, HTTPException):
        return None
    return perf_counter() - began
