"""Fuzz test of the server: malformed requests must never get a 5xx other than 503.

    python bench/fuzz.py 100000 --seed 1

Needs a built dataset (`make build`). Starts a server on loopback, writable in a
temporary folder, and stops it afterwards.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote, urlencode

TOKEN = "fuzz-" + "0123456789abcdef" * 2
ALLOWED = {503}

METHODS = (
    *("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"),
    *("TRACE", "BREW", "get"),
)
PATHS = (
    *("/sparql", "/data", "/", "/ar/", "/why", "/check", "/search", "/search.json"),
    *("/document/kazakhstan", "/as-of/2001-01-01", "/map", "/timeline", "/network"),
    *("/queries", "/queries/lookup/embassies-by-city", "/ontology", "/shapes"),
    *("/id/state/KAZ", "/doc/state/KAZ", "/doc/state/KAZ.ttl", "/graph/inferred"),
    *("/void", "/catalog", "/health", "/ready", "/notes", "/coverage", "/validation"),
    *("/figures", "/missions", "/openapi.json", "/terms.json", "/map.svg", "/dump/x"),
    *("/static/x", "/en/sparql", "/as-of/x", "/doc/", "//", "/%00", "/data/x"),
)
NAMES = (
    *("query", "update", "default-graph-uri", "named-graph-uri", "using-graph-uri"),
    *("using-named-graph-uri", "format", "timeout", "graph", "default", "q", "kind"),
    *("subject", "predicate", "object", "all", "lang", "date", "char", "limit", "x"),
    *("theme", "at", "page", "city", "sender"),
)
TEXTS = (
    "SELECT * { ?s ?p ?o } LIMIT 3",
    "ASK {}",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 2",
    "DESCRIBE <https://w3id.org/alaqat/id/state/KAZ>",
    "SELECT (COUNT(*) AS ?n) FROM <urn:g> { GRAPH ?g { ?s a ?c } } GROUP BY ?g",
    "PREFIX e: <urn:e:> INSERT DATA { GRAPH <urn:g> { e:s e:p 'س'@ar, 1.5, true } }",
    "DELETE WHERE { GRAPH <urn:g> { ?s ?p ?o } }",
    "CLEAR GRAPH <urn:nothing>",
    "<urn:s> <urn:p> 'x'@ar ; <urn:q> 1 .",
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
    '{"@context": {"p": "urn:p"}, "@id": "urn:s", "p": [1, {"@value": "x"}]}',
    "<urn:s> <urn:p> <urn:o> <urn:g> .",
    *("state:KAZ", "al:hasEmbassyIn", "علاقات", "1992-08-27", "json", "turtle", "0"),
    *("-1", "1e309", "9" * 400, "urn:x", "https://w3id.org/alaqat/graph/inferred"),
    *("", " ", "null", "../../etc/passwd", "<script>", "%", "%zz", "\u202e", "\x00"),
)
TYPES = (
    *("application/sparql-query", "application/sparql-update", "text/turtle"),
    *("application/x-www-form-urlencoded", "application/rdf+xml", "text/csv"),
    *("application/ld+json", "application/n-triples", "application/n-quads"),
    *("multipart/form-data; boundary=x", "multipart/form-data", "text/html", "", "x"),
    *("text/turtle; charset=utf-16", "application/sparql-query; charset=x", ";", "/"),
)
ACCEPTS = (
    *("*/*", "text/html", "application/json", "text/turtle;q=0.1, */*;q=0", "", ","),
    *("text/csv;q=x", "application/*", "*", "a/b/c", "text/html;q=2", "text/turtle"),
    *("application/ld+json", "application/sparql-results+xml", ";;;", "image/png"),
)
JUNK = (*"<>{}()[]\"'\\@^?$*|/.;,:#&=%+ \n\t\x00", "\\u0000", "\ud7ff", "س", "UNION")


def mutated(rng: random.Random, text: str) -> str:
    """Return a text with parts removed, doubled or replaced by junk."""
    for _ in range(rng.choice((0, 0, 1, 1, 2, 5))):
        start = rng.randint(0, len(text))
        end = min(len(text), start + rng.randint(0, 8))
        middle = rng.choice(("", text[start:end] * 2, rng.choice(JUNK)))
        text = text[:start] + middle + text[end:]
    return text


def parameters(rng: random.Random) -> str:
    """Return a query string, sometimes badly encoded."""
    pairs = [
        (rng.choice(NAMES), mutated(rng, rng.choice(TEXTS)))
        for _ in range(rng.choice((0, 1, 1, 2, 3, 6)))
    ]
    encoded = urlencode(pairs)
    if rng.random() < 0.2:
        encoded = quote(mutated(rng, encoded), safe="%&=+")
    return encoded


FuzzRequest = tuple[str, str, bytes | None, dict[str, str]]
"""Method, path with query string, body, headers."""


def requests(rng: random.Random, count: int) -> Iterator[FuzzRequest]:
    """Yield requests, most of them malformed."""
    for _ in range(count):
        path = rng.choice(PATHS)
        if rng.random() < 0.15:
            path = "/" + quote(mutated(rng, path[1:]), safe="/%")
        if rng.random() < 0.7:
            path += "?" + parameters(rng)
        method = rng.choice(METHODS if rng.random() < 0.4 else ("GET", "POST"))
        body, headers = None, {"Accept": rng.choice(ACCEPTS), **conditions(rng)}
        if method in ("POST", "PUT", "PATCH", "DELETE"):
            headers["Content-Type"] = rng.choice(TYPES)
            body = content(rng, headers["Content-Type"])
        yield method, path, body, headers


def conditions(rng: random.Random) -> dict[str, str]:
    """Return authorization and conditional headers, for some requests."""
    values = {
        "Authorization": (0.5, (f"Bearer {TOKEN}", "Bearer", "Basic x", "Bearer س")),
        "If-Match": (0.1, ('"x"', "*", "x", "", 'W/"y"')),
        "If-None-Match": (0.1, ('"x"', "*", ",,", '"')),
    }
    return {
        name: rng.choice(options).encode("utf-8").decode("latin-1")
        for name, (share, options) in values.items()
        if rng.random() < share
    }


def content(rng: random.Random, content_type: str) -> bytes:
    """Return a body that roughly matches a content type."""
    if rng.random() < 0.1:
        return bytes(rng.randrange(256) for _ in range(rng.randint(0, 60)))
    if "form-url" in content_type:
        return parameters(rng).encode()
    return mutated(rng, rng.choice(TEXTS)).encode("utf-8", "surrogatepass")


def ask(
    connection: HTTPConnection,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
) -> tuple[int, bytes]:
    """Send a request; return the status and body of the response."""
    connection.request(method, path, body, headers)
    reply = connection.getresponse()
    return reply.status, reply.read()


def run(port: int, count: int, seed: int) -> tuple[Counter[int], list[str]]:
    """Send requests; return the statuses and descriptions of wrong responses."""
    rng, statuses, wrong = random.Random(seed), Counter[int](), []
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    for method, path, body, headers in requests(rng, count):
        try:
            status, content = ask(connection, method, path, body, headers)
        except ValueError:  # the client itself refuses it
            statuses[0] += 1
            continue
        except (OSError, HTTPException):
            # A server may close a connection whose last body it did not read.
            connection.close()
            try:
                status, content = ask(connection, method, path, body, headers)
            except (OSError, HTTPException) as error:
                connection.close()
                statuses[0] += 1
                wrong.append(f"{error!r}: {method} {path[:200]} {body!r:.200}")
                continue
        statuses[status] += 1
        if (status >= 500 and status not in ALLOWED) or b"Traceback" in content:
            wrong.append(f"{status}: {method} {path[:300]} {body!r:.300} {headers}")
    connection.close()
    return statuses, wrong


def main() -> int:
    """Start a server, fuzz it and print the statuses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", default="build/dataset")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tokens = Path(folder) / "tokens"
        tokens.write_text(f"fuzz:{TOKEN}\n")
        tokens.chmod(0o600)
        command = [
            str(Path(sys.executable).with_name("alaqat")),
            "serve",
            "--port",
            "0",
        ]
        command += ["--writable", f"{folder}/working", "--token-file", str(tokens)]
        command += ["--no-validate", "--timeout", "2", "--output", arguments.output]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout
        try:
            port = int(server.stdout.readline().rpartition(":")[2])
            began = time.perf_counter()
            statuses, wrong = run(port, arguments.count, arguments.seed)
            seconds = time.perf_counter() - began
        finally:
            server.terminate()
            server.wait(timeout=20)
    for line in wrong[:40]:
        print(line)
    print(f"{arguments.count} requests in {seconds:.0f} s, seed {arguments.seed}")
    print("statuses:", dict(sorted(statuses.items())))
    print(f"wrong: {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
