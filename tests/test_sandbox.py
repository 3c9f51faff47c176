"""Sandbox: no query calls another address or reads a file, unless it may."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, islice
from pathlib import Path
from threading import Thread

import pyoxigraph as ox
import pytest

from alaqat.errors import AlaqatError, InvalidQuery
from alaqat.rdf.terms import to_oxigraph
from alaqat.sparql.analysis import analyse_query
from alaqat.store.oxigraph import OxigraphStore, count_unopened_sst_files
from alaqat.store.pool.messages import QueryLimits
from alaqat.store.pool.sandbox import sandbox
from alaqat.store.pool.store import PooledStore
from alaqat.store.releases import CurrentSnapshot
from conftest import Built
from synthetic import facts

ANSWER = (
    b'{"head": {"vars": ["x"]}, "results": {"bindings": '
    b'[{"x": {"type": "literal", "value": "from elsewhere"}}]}}'
)
# Queries that each use another index of the store.
ACCESS_PATTERNS = [
    f"SELECT * {{ {{ SELECT {given} {{ GRAPH ?g {{ ?s ?p ?o }} }} LIMIT 1 }}"
    " GRAPH ?g { ?s ?p ?o } }"
    for given in ("?s", "?p", "?o", "?s ?g", "?p ?g", "?o ?g")
] + [
    f"SELECT * {{ {{ SELECT {given} {{ ?s ?p ?o }} LIMIT 1 }} ?s ?p ?o }}"
    for given in ("?s", "?p", "?o")
]


class Other(ThreadingHTTPServer):
    """Another endpoint, which counts who calls."""

    calls = 0

    @property
    def address(self) -> str:
        """The URL of the endpoint."""
        return f"http://127.0.0.1:{self.server_port}/sparql"


class Handler(BaseHTTPRequestHandler):
    """Answers everything with one row."""

    def do_POST(self) -> None:
        """Answer a query."""
        assert isinstance(self.server, Other)
        self.server.calls += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    do_GET = do_POST  # noqa: N815 # the name that the base class looks for

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def other() -> Iterator[Other]:
    """Yield another SPARQL endpoint on this machine."""
    server = Other(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def rows(built: Built, query: str, services: frozenset[str] = frozenset()) -> list[str]:
    """Return the values that a query finds in a pooled store."""
    limits = QueryLimits(services=services)
    store = PooledStore(CurrentSnapshot(built.output), workers=1, limits=limits)
    try:
        return [str(row[0]) for row in store.query(query)]
    finally:
        store.close()


def test_the_engine_alone_calls_service_endpoints(other: Other) -> None:
    """Without the sandbox, the engine calls the endpoint unseen by Python."""
    seen: list[str] = []
    sys.addaudithook(
        lambda event, _: seen.append(event) if "connect" in event else None
    )
    list(ox.Store().query(f"SELECT * {{ SERVICE <{other.address}> {{ ?s ?p ?o }} }}"))
    assert other.calls == 1
    assert "socket.connect" not in seen


@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_a_sandboxed_engine_opens_no_connection(other: Other, silent: str) -> None:
    """The sandbox holds even if the analysis lets SERVICE pass."""
    query = f"SELECT * {{ SERVICE {silent}<{other.address}> {{ ?s ?p ?o }} }}"
    with sandbox():
        try:
            found = list(ox.Store().query(query))
        except OSError:
            found = []
    assert not [solution for solution in found if solution["s"]]
    assert other.calls == 0


def test_a_sandboxed_engine_loads_nothing(other: Other, tmp_path: Path) -> None:
    """LOAD reads neither a URL nor a file."""
    file = tmp_path / "secret.ttl"
    file.write_text("<urn:s> <urn:p> <urn:o> .")
    store = ox.Store()
    for address in (other.address, file.as_uri()):
        with sandbox(), pytest.raises((OSError, RuntimeError)):
            store.update(f"LOAD <{address}>")
    assert other.calls == 0
    assert len(store) == 0


def test_a_sandbox_opens_no_file() -> None:
    """Python cannot open files either; afterwards it can."""
    with sandbox(), pytest.raises(OSError, match="Too many open files"):
        Path(__file__).read_bytes()
    assert Path(__file__).read_text()


@pytest.fixture(scope="module")
def scattered_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with more SST files than the engine opens at once."""
    folder = tmp_path_factory.mktemp("scattered_store")
    graphs = ox.DefaultGraph(), ox.NamedNode("urn:g")
    store, triples = ox.Store(str(folder / "source")), iter(facts(10_000))
    for number in count():
        part = [tuple(map(to_oxigraph, triple)) for triple in islice(triples, 200)]
        store.extend(ox.Quad(*triple, graph) for graph in graphs for triple in part)
        store.backup(str(folder / str(number)))
        if len(list((folder / str(number)).glob("*.sst"))) > 16:
            return folder / str(number)
    raise AssertionError


def test_a_sandboxed_engine_reads_every_sst_file(
    scattered_store: Path,
) -> None:
    """All SST files are opened before the sandbox begins."""
    store = OxigraphStore.open(scattered_store)
    assert count_unopened_sst_files(scattered_store) > 0
    store.warm()
    assert count_unopened_sst_files(scattered_store) == 0
    with sandbox(count_unopened_sst_files(scattered_store)):
        found = [len(list(store.query(query))) for query in ACCESS_PATTERNS]
    assert all(found)


def test_a_sandbox_opens_only_the_remaining_sst_files(
    scattered_store: Path,
) -> None:
    """In a store too large to open fully, only its own files can be opened."""
    store = OxigraphStore.open(scattered_store)
    with sandbox(count_unopened_sst_files(scattered_store)):
        assert all(list(store.query(query)) for query in ACCESS_PATTERNS)
    with ExitStack() as files, sandbox(3):
        for _ in range(3):
            files.enter_context(Path(__file__).open())
        with pytest.raises(OSError, match="Too many open files"):
            Path(__file__).read_bytes()


def test_service_is_refused_by_default(built: Built, other: Other) -> None:
    """SERVICE is refused where no endpoint is allowed."""
    with pytest.raises(InvalidQuery, match="SERVICE is not allowed"):
        rows(built, f"SELECT ?x {{ SERVICE <{other.address}> {{ ?s ?p ?x }} }}")
    assert other.calls == 0


def test_service_calls_an_allowed_endpoint(built: Built, other: Other) -> None:
    """An allowed endpoint is called, any other refused."""
    allowed = frozenset({other.address})
    query = f"SELECT ?x {{ SERVICE <{other.address}> {{ ?s ?p ?x }} }}"
    assert rows(built, query, allowed) == ["from elsewhere"]
    assert other.calls == 1
    with pytest.raises(AlaqatError, match="SERVICE is not allowed"):
        rows(built, query.replace("/sparql", "/other"), allowed)
    assert other.calls == 1


ALLOWED = "http://e/sparql"


@pytest.mark.parametrize(
    ("query", "is_allowed"),
    [
        ("SELECT * { SERVICE <http://e/sparql> { ?s ?p ?o } }", True),
        ("SELECT * { SERVICE SILENT <http://e/sparql> { ?s ?p ?o } }", True),
        ("PREFIX e: <http://e/> SELECT * { SERVICE e:sparql { ?s ?p ?o } }", True),
        ("BASE <http://e/> SELECT * { SERVICE <sparql> { ?s ?p ?o } }", True),
        (r"SELECT * { SERVICE <http://e/sp\u0061rql> { ?s ?p ?o } }", True),
        ("SELECT * { SERVICE ?where { ?s ?p ?o } }", False),
        ("SELECT * { SERVICE <http://e/sparql/> { ?s ?p ?o } }", False),
        ("SELECT * { SERVICE <http://e/sparql?x> { ?s ?p ?o } }", False),
        ("SELECT * { SERVICE <HTTP://E/sparql> { ?s ?p ?o } }", False),
        ("PREFIX e: <http://f/> SELECT * { SERVICE e:sparql { ?s ?p ?o } }", False),
        (
            "SELECT * { SERVICE <http://e/sparql> { ?s ?p ?o } "
            "SERVICE <http://f/> { ?s ?p ?o } }",
            False,
        ),
        (r"SELECT * { \u0053ERVICE <http://f/> { ?s ?p ?o } }", False),
        ("SELECT * { FILTER (trueSERVICE <http://e/sparql> { ?s ?p ?o } }", False),
    ],
)
def test_service_needs_the_exact_endpoint(query: str, is_allowed: bool) -> None:
    """A variable and any address that differs are refused."""
    if is_allowed:
        analysis = analyse_query(query, {ALLOWED})
        assert analysis.service_endpoints
        assert not analysis.is_deterministic
    else:
        with pytest.raises(InvalidQuery, match="SERVICE is not allowed"):
            analyse_query(query, {ALLOWED})
