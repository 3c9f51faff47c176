"""Slow data: how long the server keeps others waiting while it deals with some.

    python bench/slow_data.py
    python bench/slow_data.py --only list,clique --seconds 20

Needs a built dataset (`make build`). Starts a writable server on loopback, sends it
documents that are small and mean, and measures the health check and a light query
meanwhile. Prints the status of each write, the slowest of both in seconds, and whether
the process that answers is still the same.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

TOKEN = "slow-" + "0123456789abcdef" * 2
TURTLE, JSON_LD = "text/turtle", "application/ld+json"
RDF_XML, N_TRIPLES = "application/rdf+xml", "application/n-triples"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
LIGHT = f"/sparql?{urlencode({'query': 'ASK { ?s ?p ?o }'})}"
PAGES = ("/en/catalog", "/en/", "/catalog.ttl", "/dump/dataset.nq.sha256")


def chain(length: int) -> bytes:
    """Return a JSON-LD document whose terms are defined by each other."""
    terms = {f"p{n}": f"p{n - 1}:x" for n in range(1, length)}
    context = {"p0": "urn:p:", **terms}
    return json.dumps({"@context": context, f"p{length - 1}:y": "x"}).encode()


def clique(size: int) -> bytes:
    """Return blank nodes that are all related to each other."""
    pairs = ((one, two) for one in range(size) for two in range(size) if one != two)
    return b"".join(b"_:n%d <urn:p> _:n%d .\n" % pair for pair in pairs)


def typed(datatype: str, text: str) -> bytes:
    """Return a literal of a datatype."""
    return f'<urn:s> <urn:p> "{text}"^^<{datatype}> .\n'.encode()


HTML, XML = f"{RDF}HTML", f"{RDF}XMLLiteral"
XSD = "http://www.w3.org/2001/XMLSchema#"
DOCUMENTS: dict[str, tuple[str, bytes]] = {
    "list": (TURTLE, b"<urn:s> <urn:p> (" + b"0 " * 1000 + b") ."),
    "chain": (
        TURTLE,
        b"".join(b"_:n%d <urn:p> _:n%d .\n" % (n, n + 1) for n in range(5000)),
    ),
    "clique": (TURTLE, clique(30)),
    "pairs": (TURTLE, b"[] <urn:p> [ <urn:q> 1 ] .\n" * 10_000),
    "cycle": (
        TURTLE,
        b"".join(b"_:n%d <urn:p> _:n%d .\n" % (n, (n + 1) % 999) for n in range(999)),
    ),
    "brackets": (
        TURTLE,
        b"<urn:s> <urn:p> " + b"(" * 60_000 + b")" * 60_000 + b" .",
    ),
    "contexts": (JSON_LD, b'{"@context":' * 3000 + b"{}" + b"}" * 3000),
    "prefixes": (JSON_LD, chain(8000)),
    "graphs": (JSON_LD, b'{"@graph":[' * 9000 + b"{}" + b"]}" * 9000),
    "elements": (
        RDF_XML,
        f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:e="urn:e">'.encode()
        + b"<rdf:Description><e:p>" * 20_000,
    ),
    "terms": (
        N_TRIPLES,
        b"<urn:s> <urn:p> " + b"<<( <urn:s> <urn:p> " * 10_000 + b"<urn:o>",
    ),
    "html": (N_TRIPLES, typed(HTML, "<i>" * 40_000)),
    "xml": (N_TRIPLES, typed(XML, "<i>" * 40_000 + "</i>" * 40_000)),
    "integer": (N_TRIPLES, typed(f"{XSD}integer", "9" * 100_000)),
    "binary": (N_TRIPLES, typed(f"{XSD}base64Binary", "A" * 7_000_000)),
    "long": (N_TRIPLES, typed(f"{XSD}string", "x" * 7_000_000) * 2),
}


class Server:
    """A writable server on loopback.

    Args:
        output: the folder of the built dataset.
        folder: for the writable store.
        options: of the command, besides.
    """

    def __init__(self, output: Path, folder: Path, *options: str) -> None:
        command = [
            sys.executable,
            "-c",
            "import sys; from alaqat.cli.main import run; run(sys.argv[1:])",
        ]
        self.process = subprocess.Popen(
            [
                *(*command, "serve", "--port", "0", "--output", str(output)),
                *("--writable", str(folder), *options),
            ],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "ALAQAT_TOKEN": f"bench:{TOKEN}"},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        self.address = line.removeprefix("http://")

    def request(
        self, method: str, path: str, body: bytes = b"", kind: str = ""
    ) -> tuple[int, float]:
        """Return the status, 0 for none, and the seconds of a request."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "*/*"}
        started = time.monotonic()
        connection = HTTPConnection(self.address, timeout=120)
        try:
            connection.request(
                method, path, body, {**headers, "Content-Type": kind or "text/plain"}
            )
            reply = connection.getresponse()
            reply.read()
            return reply.status, time.monotonic() - started
        except (OSError, HTTPException):
            return 0, time.monotonic() - started
        finally:
            connection.close()

    def answering(self) -> str:
        """Return the process IDs of the children of the server."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return path.read_text() if path.exists() else ""

    def resident(self) -> int:
        """Return the MiB of memory that the answering process has used at most."""
        states = [
            Path(f"/proc/{pid}/status").read_text() for pid in self.answering().split()
        ]
        lines = [line for text in states for line in text.splitlines()]
        peaks = [int(one.split()[1]) >> 10 for one in lines if "VmHWM" in one]
        return max(peaks, default=0)

    def stop(self) -> None:
        """Stop the server."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def running(output: Path, *options: str) -> Iterator[Server]:
    """Yield a server with a writable store in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(output, Path(folder) / "working", *options)
        try:
            yield server
        finally:
            server.stop()


def measure(server: Server, name: str, seconds: float) -> None:
    """Send a document, request pages that show it, and print how others fared."""
    kind, content = DOCUMENTS[name]
    path = f"/data?{urlencode({'graph': 'https://w3id.org/alaqat/graph/entities'})}"
    before, statuses = server.answering(), []
    query = urlencode({"query": "SELECT * { ?s <urn:p> ?o } LIMIT 5"})

    def send() -> None:
        statuses.append(server.request("POST", path, content, kind)[0])
        pages = (*PAGES, f"/en/sparql?{query}")
        statuses.extend(server.request("GET", page)[0] for page in pages)

    thread = Thread(target=send, daemon=True)
    thread.start()
    slowest, ends = {"/health": 0.0, LIGHT: 0.0}, time.monotonic() + seconds
    while time.monotonic() < ends:
        for probe in slowest:
            status, took = server.request("GET", probe)
            slowest[probe] = max(slowest[probe], took if status == 200 else 999)
        time.sleep(0.05)
    thread.join(1)
    health, light = slowest.values()
    same = "same process" if before == server.answering() else "PROCESS REPLACED"
    print(
        f"{name:<10} {statuses!s:<32} health {health:6.2f}  query {light:6.2f}  "
        f"{server.resident():5} MiB  {same}",
        flush=True,
    )


def main() -> None:
    """Run the documents one after another, each on a server of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(DOCUMENTS))
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--output", type=Path, default=Path("build/dataset"))
    parser.add_argument("--validate", action="store_true")
    given = parser.parse_args()
    option = "--validate" if given.validate else "--no-validate"
    for name in given.only.split(","):
        with running(given.output, option) as server:
            measure(server, name, given.seconds)


if __name__ == "__main__":
    main()
