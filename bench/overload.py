"""Benchmark of overload: light queries and /health while others attack the server.

    python bench/overload.py [--seconds 6] [--only NAME ...]

Starts a server over synthetic facts for each attack, on loopback. The attackers come
from 127.0.0.2, or from eight such addresses; light queries and /health, on a connection
of their own for each, from 127.0.0.1. Prints the median and the 99th percentile of the
first and the maximum of the second, in milliseconds, and the statuses of the attack.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread
from typing import NoReturn

from alaqat.locations import knowledge_root
from alaqat.rdf.graphs import new_graph
from alaqat.store.releases import publish_release
from alaqat.terms import facts_graph
from endpoint import DEATH, MILLION, light, query, report
from synthetic import facts

# Clients on this machine are usually spared; here they stand for others.
START = (
    "import sys; from pathlib import Path; from alaqat.web.server import serve; "
    "from alaqat.web.settings import FrontLimits, Settings; "
    "serve(Path(sys.argv[1]), Path(sys.argv[2]), port=0, "
    "settings=Settings(front=FrontLimits(spares_loopback=False)), "
    "ready=lambda address: print(address, flush=True))"
)
HOST = "127.0.0.1"
SLOW_BODY = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nquery"
SLOW_HEAD = b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: "
FEW_DESCRIPTORS = 256
WAIT = 60.0  # seconds that an attacker waits for an answer


@dataclass
class Attack:
    """An attack that runs until it is stopped.

    Attributes:
        port: of the server.
        addresses: that the attackers come from, in turn.
        statuses: of the answers to them, and the errors.
    """

    port: int
    addresses: list[str]
    stopped: Event = field(default_factory=Event)
    statuses: Counter[object] = field(default_factory=Counter)

    def connect(self, number: int) -> socket.socket:
        """Return a connection from one of the addresses."""
        source = self.addresses[number % len(self.addresses)], 0
        return socket.create_connection((HOST, self.port), WAIT, source)

    def send(self, number: int, path: str) -> None:
        """Send a request, and count the status of the answer."""
        source = self.addresses[number % len(self.addresses)], 0
        connection = HTTPConnection(HOST, self.port, WAIT, source)
        try:
            connection.request("GET", path)
            self.statuses[connection.getresponse().status] += 1
        except (OSError, HTTPException) as error:
            self.statuses[type(error).__name__] += 1
        finally:
            connection.close()

    def crowd(self, size: int, act: Callable[[int], object]) -> None:
        """Do something from many threads, again and again, until stopped."""

        def repeat(number: int) -> None:
            while not self.stopped.is_set():
                act(number)

        threads = [Thread(target=repeat, args=(n,), daemon=True) for n in range(size)]
        for thread in threads:
            thread.start()
        self.stopped.wait()

    def hold(self, size: int, content: bytes, trickle: bytes = b"") -> None:
        """Hold connections that have sent something, each opened again once closed."""
        held: dict[int, socket.socket] = {}
        while not self.stopped.is_set():
            for number in range(size):
                if self.stopped.is_set():
                    break
                with suppress(OSError):
                    if number not in held:
                        held[number] = self.connect(number)
                        held[number].sendall(content)
                        held[number].setblocking(False)
                    elif _has_ended(held[number], trickle):
                        held.pop(number).close()
                        self.statuses["closed"] += 1
            self.stopped.wait(0.5)
        for each in held.values():
            each.close()


def _has_ended(connection: socket.socket, trickle: bytes) -> bool:
    """Return whether the server closed a connection; send it a little if it did not."""
    try:
        if not connection.recv(4096):
            return True
    except BlockingIOError:
        pass
    except OSError:
        return True
    with suppress(BlockingIOError):
        connection.sendall(trickle)
    return False


def equal_heavy(attack: Attack) -> None:
    """Send 200 equal queries that do not end."""
    attack.crowd(200, lambda number: attack.send(number, query(DEATH)))


def slow_bodies(attack: Attack) -> None:
    """Send 140 bodies of which five bytes come."""
    attack.hold(140, SLOW_BODY)


def trickling_bodies(attack: Attack) -> None:
    """Send 140 bodies of which a byte comes now and then."""
    attack.hold(140, SLOW_BODY, b"x")


def idle_connections(attack: Attack) -> None:
    """Open 1,000 connections and send nothing."""
    attack.hold(1000, b"")


def slow_heads(attack: Attack) -> None:
    """Open 300 connections whose head of a request never ends."""
    attack.hold(300, SLOW_HEAD, b"x")


def slow_readers(attack: Attack) -> None:
    """Request 60 large results, and read none of them."""
    line = f"GET {query(MILLION, format='csv')} HTTP/1.1\r\nHost: x\r\n\r\n"

    def read_little(number: int) -> None:
        with suppress(OSError), attack.connect(number) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(line.encode())
            attack.stopped.wait(20)

    attack.crowd(60, read_little)


def tiny_timeouts(attack: Attack) -> None:
    """Send queries from 32 threads, each with a timeout of a microsecond."""
    attack.crowd(
        32,
        lambda number: attack.send(
            number, query(f"{DEATH} # {time.monotonic_ns()}", timeout="0.000001")
        ),
    )


ATTACKS: dict[str, Callable[[Attack], None]] = {
    "none": lambda attack: attack.stopped.wait() and None,
    "equal-heavy": equal_heavy,
    "slow-bodies": slow_bodies,
    "trickling-bodies": trickling_bodies,
    "idle-connections": idle_connections,
    "few-descriptors": idle_connections,
    "slow-heads": slow_heads,
    "slow-readers": slow_readers,
    "tiny-timeouts": tiny_timeouts,
}


@contextmanager
def served(folder: Path, descriptors: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield the port and the process ID of a server over a dataset.

    Args:
        folder: of the dataset.
        descriptors: the limit of open files; that of this process if None.
    """
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    limits = (descriptors, descriptors) if descriptors else limit
    server = subprocess.Popen(  # our own
        [sys.executable, "-c", START, str(folder), str(knowledge_root())],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=partial(  # noqa: PLW1509 # no other thread runs by then
            resource.setrlimit, resource.RLIMIT_NOFILE, limits
        ),
    )
    try:
        if server.stdout is None:
            raise SystemExit("the server has no output")
        address = server.stdout.readline().strip()
        yield int(address.rpartition(":")[2]), server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def timed(port: int, path: str) -> tuple[float, object]:
    """Return the seconds of a request on a new connection, and its status."""
    start = time.perf_counter()
    connection = HTTPConnection(HOST, port, timeout=30)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return time.perf_counter() - start, response.status
    except (OSError, HTTPException) as error:
        return time.perf_counter() - start, type(error).__name__
    finally:
        connection.close()


def observe(
    port: int, path: Callable[[int], str], end: float
) -> list[tuple[float, object]]:
    """Request something until a time, and return what ``timed`` returns."""
    times: list[tuple[float, object]] = []
    while time.monotonic() < end:
        times.append(timed(port, path(len(times))))
        time.sleep(0.01)
    return times


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that the process that answers has used."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = Path(f"/proc/{children[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def measure(name: str, sources: int, folder: Path, seconds: float) -> None:
    """Start a server, attack it from some addresses, and report."""
    descriptors = FEW_DESCRIPTORS if name == "few-descriptors" else None
    with served(folder, descriptors) as (port, pid):
        time.sleep(3)  # the pages are prepared
        attackers = subprocess.Popen(  # our own; apart, so as not to slow what measures
            [sys.executable, __file__, "--attack", name, str(port), str(sources)],
            stdout=subprocess.PIPE,
            stdin=subprocess.PIPE,
            text=True,
        )
        time.sleep(3)
        before, end = cpu_seconds(pid), time.monotonic() + seconds
        with ThreadPoolExecutor(2) as pool:
            health = pool.submit(observe, port, lambda _: "/health", end)
            lights = observe(port, light, end)
        used = (cpu_seconds(pid) - before) / seconds
        statuses, _ = attackers.communicate("", timeout=60)
        times = sorted(one for one, _ in lights)
        slowest = max(one for one, _ in health.result())
        failed = Counter(s for _, s in (*lights, *health.result()) if s != 200)
        report(
            f"{f'{name} from {sources}':26} "
            f"light p50 {times[len(times) // 2] * 1000:7.1f}  "
            f"p99 {times[int(len(times) * 0.99)] * 1000:7.1f}  "
            f"health max {slowest * 1000:7.1f} ms  CPU {used:4.0%}  "
            f"failed {dict(failed)} of {len(lights)}  attack {statuses.strip()}"
        )


def attack_until_stopped(name: str, port: int, sources: int) -> NoReturn:
    """Attack a server until stdin ends, then print the statuses of the answers."""
    attack = Attack(port, [f"127.0.0.{2 + number}" for number in range(sources)])
    Thread(target=ATTACKS[name], args=(attack,), daemon=True).start()
    sys.stdin.read()
    attack.stopped.set()
    report(str(dict(attack.statuses)))
    os._exit(0)  # threads may wait for answers


def main() -> None:
    """Publish, and measure each attack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--triples", type=int, default=20_000)
    parser.add_argument("--only", nargs="*", choices=ATTACKS, default=list(ATTACKS))
    parser.add_argument("--sources", nargs="*", type=int, default=[1, 8])
    parser.add_argument("--attack", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.attack:
        name, port, sources = options.attack
        attack_until_stopped(name, int(port), int(sources))
    with tempfile.TemporaryDirectory() as folder:
        graph = new_graph(facts(options.triples))
        publish_release({facts_graph("synthetic"): graph}, Path(folder), {})
        for name in options.only:
            for sources in options.sources if name != "none" else [1]:
                measure(name, sources, Path(folder), options.seconds)


if __name__ == "__main__":
    main()
