"""Soak test: many clients read, write and build at once, without a wrong answer.

    python bench/soak.py --clients 64 --seconds 120

Starts two servers on loopback. Half of the clients read from one, whose dataset is
rebuilt again and again, and compare the results with rdflib's. The others write to the
other server, each to a graph of its own, and read back what they wrote.

Beside both, their processes are watched: the growth of their memory (PSS) in the second
half of the time, by linear regression, and the processes and open files that are left
at the end. With --growth the exit code is 1 if memory grows faster.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from io import BytesIO
from math import inf
from pathlib import Path
from statistics import linear_regression
from threading import Event, Lock

from alaqat.locations import knowledge_root
from alaqat.queries.library import read_library
from alaqat.rdf.formats import JSON
from alaqat.store.rdflib_store import RdflibStore
from alaqat.store.releases import current_release
from memory import megabytes, processes, wait_until_idle

ALAQAT = str(Path(sys.executable).with_name("alaqat"))
TOKEN = "soak-" + "0123456789abcdef" * 2
RETRY = 1.0  # seconds that the server asks busy clients to wait
SAMPLE = 2.0  # seconds between two samples of the memory
QUESTIONS = ("embassies-by-city", "founding-members", "countries-without-relations")


@contextmanager
def served(*options: str) -> Iterator[tuple[int, Watch]]:
    """Run a server for the duration of the block; give its port and a watch."""
    command = [ALAQAT, "serve", "--port", "0", *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        port = int(server.stdout.readline().rpartition(":")[2])
        wait_until_idle(server.pid)
        yield port, Watch(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=30)


class Watch:
    """Samples of the processes of a server: seconds, megabytes."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._samples: list[tuple[float, float]] = []
        self._before = self._left()

    def sample(self, until: float) -> None:
        """Take samples until some time."""
        while time.monotonic() < until:
            with suppress(OSError, IndexError):  # a process has ended meanwhile
                size = sum(megabytes(pid, "Pss") for pid in processes(self._pid))
                self._samples.append((time.monotonic(), size))
            Event().wait(SAMPLE)

    @property
    def growth(self) -> float:
        """Megabytes a minute in the second half of the time."""
        half = self._samples[len(self._samples) // 2 :]
        times, sizes = zip(*half, strict=True)
        return linear_regression(times, sizes).slope * 60

    def summary(self) -> str:
        """Return what was seen, once the server is idle again."""
        wait_until_idle(self._pid)
        (processes_before, files_before), (now, files) = self._before, self._left()
        sizes = [size for _, size in self._samples]
        return (
            f"memory {min(sizes):.0f} to {max(sizes):.0f} MB, growing "
            f"{self.growth:.2f} MB a minute; processes {processes_before} to {now}, "
            f"open files {files_before} to {files}"
        )

    def _left(self) -> tuple[int, int]:
        pids = list(processes(self._pid))
        return len(pids), sum(
            len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids
        )


class Tally:
    """The requests of all clients, counted and timed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.seconds: list[float] = []
        self._lock = Lock()

    def add(self, what: str, seconds: float, wrong: str = "") -> None:
        """Count a request."""
        with self._lock:
            self.counts[what] += 1
            self.seconds.append(seconds)
            if wrong:
                self.wrong.append(f"{what}: {wrong}")

    def refuse(self, what: str, began: float) -> None:
        """Count a request that a busy server refused, and pause."""
        self.add(f"{what} refused, busy", time.perf_counter() - began)
        Event().wait(RETRY)


def ask(
    connection: HTTPConnection, path: str, text: str, kind: str, method: str = "POST"
) -> tuple[int, bytes]:
    """Send a body; return the status and body of the response."""
    headers = {"Content-Type": kind, "Accept": "application/sparql-results+json"}
    headers["Authorization"] = f"Bearer {TOKEN}"
    connection.request(method, path, text.encode(), headers)
    reply = connection.getresponse()
    return reply.status, reply.read()


def rows(content: bytes) -> list[str]:
    """Return the rows of a JSON result as sorted texts; none for an error."""
    found = json.loads(content).get("results", {}).get("bindings", [])
    return sorted(json.dumps(row, sort_keys=True) for row in found)


def read(port: int, until: float, tally: Tally, expected: dict[str, list[str]]) -> None:
    """Run saved questions and compare the results with the expected ones."""
    library = read_library(knowledge_root() / "queries")
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    while time.monotonic() < until:
        for name in QUESTIONS:
            began = time.perf_counter()
            text = library.get(name).text
            status, content = ask(
                connection, "/sparql", text, "application/sparql-query"
            )
            if status == 503:
                tally.refuse("read", began)
                continue
            good = status == 200 and rows(content) == expected[name]
            wrong = "" if good else f"{name}: {status} {content[:200]!r}"
            tally.add("read", time.perf_counter() - began, wrong)


def write(port: int, until: float, tally: Tally, client: int) -> None:
    """Write to a graph by updates and by PUT, and read it back."""
    graph, known = f"urn:soak:{client}", set[str]()
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    number = 0
    while time.monotonic() < until:
        number += 1
        began = time.perf_counter()
        if number % 7:
            text = f"INSERT DATA {{ GRAPH <{graph}> {{ <urn:s> <urn:p> {number} }} }}"
            sent = ask(connection, "/sparql", text, "application/sparql-update")
            added = {*known, str(number)}
        else:
            text, path = f"<urn:s> <urn:p> {number} .", f"/data?graph={graph}"
            sent = ask(connection, path, text, "text/turtle", "PUT")
            added = {str(number)}
        if sent[0] == 503:
            tally.refuse("write", began)
            continue
        known = added
        wrong = "" if sent[0] in (200, 201, 204) else f"{sent[0]} {sent[1][:200]!r}"
        tally.add("write", time.perf_counter() - began, wrong)
        began = time.perf_counter()
        text = f"SELECT ?o {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        status, content = ask(connection, "/sparql", text, "application/sparql-query")
        if status == 503:
            tally.refuse("read back", began)
            continue
        found = {json.loads(row)["o"]["value"] for row in rows(content)}
        wrong = "" if found == known else f"{status}: {sorted(found ^ known)[:5]}"
        tally.add("read back", time.perf_counter() - began, wrong)


def build(output: Path, until: float, tally: Tally) -> None:
    """Build the dataset again and again."""
    while time.monotonic() < until:
        began = time.perf_counter()
        done = subprocess.run(
            [ALAQAT, "build", "--output", str(output)], capture_output=True, check=False
        )
        wrong = done.stderr.decode()[-200:] if done.returncode else ""
        tally.add("build", time.perf_counter() - began, wrong)
        Event().wait(5)


def expected_rows(output: Path) -> dict[str, list[str]]:
    """Return the rows of the saved questions by rdflib."""
    store = RdflibStore.load(current_release(output).quads)
    library, answers = read_library(knowledge_root() / "queries"), {}
    for name in QUESTIONS:
        out = BytesIO()
        store.query(library.get(name).text).write(out, JSON)
        answers[name] = rows(out.getvalue())
    return answers


def main() -> int:
    """Start both servers, run the clients and print the tally."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--growth", type=float, default=inf, help="MB a minute")
    arguments = parser.parse_args()
    half, tally = arguments.clients // 2, Tally()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        output, tokens = folder / "dataset", folder / "tokens"
        subprocess.run([ALAQAT, "build", "--output", str(output)], check=True)
        tokens.write_text(f"soak:{TOKEN}\n")
        tokens.chmod(0o600)
        expected = expected_rows(output)
        writable = ("--writable", str(folder / "working"), "--token-file", str(tokens))
        place = ("--output", str(output))
        with (
            served(*place) as (reading, one_watch),
            served(*place, *writable, "--no-validate") as (writing, other_watch),
            ThreadPoolExecutor(arguments.clients + 3) as pool,
        ):
            until = time.monotonic() + arguments.seconds
            running = [
                pool.submit(read, reading, until, tally, expected) for _ in range(half)
            ]
            running += [
                pool.submit(write, writing, until, tally, client)
                for client in range(arguments.clients - half)
            ]
            running.append(pool.submit(build, output, until, tally))
            watches = {"reading": one_watch, "writing": other_watch}
            running += [pool.submit(watch.sample, until) for watch in watches.values()]
            for one in running:
                one.result()
            for server, watch in watches.items():
                print(f"{server}: {watch.summary()}")
    for line in tally.wrong[:40]:
        print(line)
    times = sorted(tally.seconds)
    print(
        f"{arguments.clients} clients, {arguments.seconds:.0f} s: {dict(tally.counts)}"
    )
    middle, rare = times[len(times) // 2], times[len(times) * 99 // 100]
    print(f"p50 {middle * 1000:.0f} ms, p99 {rare * 1000:.0f} ms")
    print(f"wrong: {len(tally.wrong)}")
    grows = any(watch.growth > arguments.growth for watch in watches.values())
    return 1 if tally.wrong or grows else 0


if __name__ == "__main__":
    sys.exit(main())
