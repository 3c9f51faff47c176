"""Nothing leaks: no query calls another address or reads a file, unless it may."""

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
# Queries that each look into the store by another of its indexes.
EVERY_WAY = [
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
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}/sparql"


class Handler(BaseHTTPRequestHandler):
    """Answers everything with one row."""

    def do_POST(self) -> None:
        """Answer."""
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
        """Say nothing."""


@pytest.fixture
def other() -> Iterator[Other]:
    """Another endpoint on this machine."""
    server = Other(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def rows(built: Built, query: str, services: frozenset[str] = frozenset()) -> list[str]:
    """What a query finds, in the store that a server asks."""
    limits = QueryLimits(services=services)
    store = PooledStore(CurrentSnapshot(built.output), workers=1, limits=limits)
    try:
        return [str(row[0]) for row in store.query(query)]
    finally:
        store.close()


def test_the_engine_calls_by_itself_what_service_names(other: Other) -> None:
    """So walls are needed: without them it does, and Python does not see it."""
    seen: list[str] = []
    sys.addaudithook(
        lambda event, _: seen.append(event) if "connect" in event else None
    )
    list(ox.Store().query(f"SELECT * {{ SERVICE <{other.address}> {{ ?s ?p ?o }} }}"))
    assert other.calls == 1
    assert "socket.connect" not in seen


@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_behind_the_second_wall_the_engine_reaches_nobody(
    other: Other, silent: str
) -> None:
    """Even where the first wall had a hole."""
    query = f"SELECT * {{ SERVICE {silent}<{other.address}> {{ ?s ?p ?o }} }}"
    with sandbox():
        try:
            found = list(ox.Store().query(query))
        except OSError:
            found = []
    assert not [solution for solution in found if solution["s"]]
    assert other.calls == 0


def test_behind_the_second_wall_nothing_is_loaded(other: Other, tmp_path: Path) -> None:
    """Neither by a call nor from a file."""
    file = tmp_path / "secret.ttl"
    file.write_text("<urn:s> <urn:p> <urn:o> .")
    store = ox.Store()
    for address in (other.address, file.as_uri()):
        with sandbox(), pytest.raises((OSError, RuntimeError)):
            store.update(f"LOAD <{address}>")
    assert other.calls == 0
    assert len(store) == 0


def test_behind_the_second_wall_no_file_can_be_opened() -> None:
    """By Python either; afterwards it can."""
    with sandbox(), pytest.raises(OSError, match="Too many open files"):
        Path(__file__).read_bytes()
    assert Path(__file__).read_text()


@pytest.fixture(scope="module")
def scattered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in more tables than the engine opens at once."""
    folder = tmp_path_factory.mktemp("scattered")
    graphs = ox.DefaultGraph(), ox.NamedNode("urn:g")
    store, made = ox.Store(str(folder / "made")), iter(facts(10_000))
    for number in count():
        part = [tuple(map(to_oxigraph, triple)) for triple in islice(made, 200)]
        store.extend(ox.Quad(*triple, graph) for graph in graphs for triple in part)
        store.backup(str(folder / str(number)))
        if len(list((folder / str(number)).glob("*.sst"))) > 16:
            return folder / str(number)
    raise AssertionError


def test_behind_the_second_wall_every_table_of_the_store_is_read(
    scattered: Path,
) -> None:
    """Because all of them were opened before."""
    store = OxigraphStore.open(scattered)
    assert count_unopened_sst_files(scattered) > 0
    store.warm()
    assert count_unopened_sst_files(scattered) == 0
    with sandbox(count_unopened_sst_files(scattered)):
        found = [len(list(store.query(query))) for query in EVERY_WAY]
    assert all(found)


def test_only_as_many_files_can_be_opened_as_tables_are_closed(
    scattered: Path,
) -> None:
    """Which some are in a store too large to have all of them open."""
    store = OxigraphStore.open(scattered)
    with sandbox(count_unopened_sst_files(scattered)):
        assert all(list(store.query(query)) for query in EVERY_WAY)
    with ExitStack() as files, sandbox(3):
        for _ in range(3):
            files.enter_context(Path(__file__).open())
        with pytest.raises(OSError, match="Too many open files"):
            Path(__file__).read_bytes()


def test_a_query_calls_nobody(built: Built, other: Other) -> None:
    """SERVICE is refused where no endpoint may be called."""
    with pytest.raises(InvalidQuery, match="SERVICE is not allowed"):
        rows(built, f"SELECT ?x {{ SERVICE <{other.address}> {{ ?s ?p ?x }} }}")
    assert other.calls == 0


def test_a_query_calls_the_endpoint_that_it_may(built: Built, other: Other) -> None:
    """And no other."""
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
def test_only_an_endpoint_named_in_full_may_be_called(
    query: str, is_allowed: bool
) -> None:
    """A variable could hold anything, and addresses that differ are different."""
    if is_allowed:
        outline = analyse_query(query, {ALLOWED})
        assert outline.service_endpoints
        assert not outline.is_deterministic
    else:
        with pytest.raises(InvalidQuery, match="SERVICE is not allowed"):
            analyse_query(query, {ALLOWED})
