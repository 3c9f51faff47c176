"""Many clients at once, reading, writing and building: no error and no wrong answer.

    python bench/soak.py --clients 64 --seconds 120

Two servers are started on loopback. Half of the clients read one, whose dataset is
built anew again and again under it; what they read is held against rdflib on the same
data. The others write to the other server, each to a graph of its own, and read back
what they wrote.
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
from contextlib import contextmanager
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from threading import Event, Lock

from alaqat.queries.library import read_library
from alaqat.rdf.formats import JSON
from alaqat.sources import knowledge_root
from alaqat.store.rdflib_store import RdflibStore
from alaqat.store.releases import current_release

ALAQAT = str(Path(sys.executable).with_name("alaqat"))
TOKEN = "soak-" + "0123456789abcdef" * 2
RETRY = 1.0  # seconds that the server asks busy clients to wait
QUESTIONS = ("embassies-by-city", "founding-members", "countries-without-relations")


@contextmanager
def served(*options: str) -> Iterator[int]:
    """The port of a server that runs as long as the block."""
    command = [ALAQAT, "serve", "--port", "0", *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        yield int(server.stdout.readline().rpartition(":")[2])
    finally:
        server.terminate()
        server.wait(timeout=30)


class Tally:
    """What all clients saw."""

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
        """Count a request that the server was too busy for, and let it be."""
        self.add(f"{what} refused, busy", time.perf_counter() - began)
        Event().wait(RETRY)


def ask(
    connection: HTTPConnection, path: str, text: str, kind: str, method: str = "POST"
) -> tuple[int, bytes]:
    """Send a body; the status and the content of the answer."""
    headers = {"Content-Type": kind, "Accept": "application/sparql-results+json"}
    headers["Authorization"] = f"Bearer {TOKEN}"
    connection.request(method, path, text.encode(), headers)
    reply = connection.getresponse()
    return reply.status, reply.read()


def rows(content: bytes) -> list[str]:
    """The rows of an answer in JSON, each as text, sorted; none of an error."""
    found = json.loads(content).get("results", {}).get("bindings", [])
    return sorted(json.dumps(row, sort_keys=True) for row in found)


def read(port: int, until: float, tally: Tally, expected: dict[str, list[str]]) -> None:
    """Ask questions whose answers are known."""
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
    """Write to a graph and read it back, by updates and by the graph store."""
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
        made = subprocess.run(
            [ALAQAT, "build", "--output", str(output)], capture_output=True, check=False
        )
        wrong = made.stderr.decode()[-200:] if made.returncode else ""
        tally.add("build", time.perf_counter() - began, wrong)
        Event().wait(5)


def expected_rows(output: Path) -> dict[str, list[str]]:
    """The answers by rdflib."""
    store = RdflibStore.load(current_release(output).quads)
    library, answers = read_library(knowledge_root() / "queries"), {}
    for name in QUESTIONS:
        out = BytesIO()
        store.query(library.get(name).text).write(out, JSON)
        answers[name] = rows(out.getvalue())
    return answers


def main() -> int:
    """Start both servers, let the clients loose, and tell what they saw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=120)
    asked = parser.parse_args()
    half, tally = asked.clients // 2, Tally()
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
            served(*place) as reading,
            served(*place, *writable, "--no-validate") as writing,
            ThreadPoolExecutor(asked.clients + 1) as pool,
        ):
            until = time.monotonic() + asked.seconds
            running = [
                pool.submit(read, reading, until, tally, expected) for _ in range(half)
            ]
            running += [
                pool.submit(write, writing, until, tally, client)
                for client in range(asked.clients - half)
            ]
            running.append(pool.submit(build, output, until, tally))
            for one in running:
                one.result()
    for line in tally.wrong[:40]:
        print(line)
    times = sorted(tally.seconds)
    print(f"{asked.clients} clients, {asked.seconds:.0f} s: {dict(tally.counts)}")
    middle, rare = times[len(times) // 2], times[len(times) * 99 // 100]
    print(f"p50 {middle * 1000:.0f} ms, p99 {rare * 1000:.0f} ms")
    print(f"wrong: {len(tally.wrong)}")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
