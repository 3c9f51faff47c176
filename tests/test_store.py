"""The contract of Store and Writer, run against every engine and result format."""

from __future__ import annotations

import csv
import inspect
import io
import json
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, product
from pathlib import Path
from typing import NamedTuple

import pytest
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

from alaqat.curation.backup import create_writable_store
from alaqat.curation.snapshots import open_current
from alaqat.curation.writer_process import WritableStore
from alaqat.errors import (
    AlaqatError,
    Conflict,
    InvalidData,
    InvalidQuery,
    ReadOnly,
    StoreUnavailable,
    UnknownGraph,
    UnsupportedFormat,
)
from alaqat.rdf.formats import (
    N_QUADS,
    TURTLE,
    Format,
    formats_for,
)
from alaqat.rdf.graphs import StoredGraphs, union
from alaqat.sparql.analysis import analyse_query
from alaqat.store import oxigraph_writer
from alaqat.store.interface import (
    Add,
    CommitResult,
    Drop,
    Mutation,
    Replace,
    Store,
    Triple,
    Update,
    Writer,
    with_timeout,
)
from alaqat.store.oxigraph import OxigraphStore, create_store
from alaqat.store.oxigraph_writer import OxigraphWriter
from alaqat.store.pool.store import PooledStore
from alaqat.store.rdflib_store import RdflibStore
from alaqat.store.releases import (
    CurrentSnapshot,
    open_store,
    publish_release,
)
from alaqat.terms import (
    ENTITIES_GRAPH,
    STORE_DEFAULT_GRAPH,
    facts_graph,
    notes_graph,
)

E = Namespace("http://e/")
FACTS, NOTES = facts_graph("x"), notes_graph("x")
SALAM = Literal("سلام", lang="ar")
SHARED = (E.s, E.p, SALAM)
START = datetime(2026, 1, 1, tzinfo=UTC)


StoreFactory = Callable[[Mapping[URIRef, Iterable[Triple]]], Store]


def embedded(graphs: Mapping[URIRef, Iterable[Triple]]) -> OxigraphStore:
    """Return an Oxigraph store in this process."""
    store = OxigraphStore()
    for name, triples in graphs.items():
        oxigraph_writer.amend(store, name, triples)
    return store


@pytest.fixture(params=["memory", "embedded", "pooled"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreFactory]:
    """Yield a function that creates a store of graphs, for each kind of store."""
    stores: list[Store] = []

    def pooled(graphs: Mapping[URIRef, Iterable[Triple]]) -> PooledStore:
        publish_release(
            {name: graph_of(each) for name, each in graphs.items()}, tmp_path, {}
        )
        return PooledStore(CurrentSnapshot(tmp_path), workers=1)

    def build(graphs: Mapping[URIRef, Iterable[Triple]]) -> Store:
        kinds = {"memory": RdflibStore, "embedded": embedded, "pooled": pooled}
        stores.append(kinds[request.param](graphs))
        return stores[-1]

    yield build
    for store in stores:
        store.close()


def graph_of(triples: Iterable[Triple]) -> Graph:
    """Return triples as a graph."""
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    return graph


SMALL: dict[URIRef, list[Triple]] = {
    FACTS: [SHARED, (E.s, E.q, BNode("b"))],
    ENTITIES_GRAPH: [SHARED],
    NOTES: [(E.n, E.p, Literal(1))],
}


@pytest.fixture
def store(make: StoreFactory) -> Store:
    """Return a store in which two graphs of the default graph share a triple."""
    return make(SMALL)


def rows(store: Store, text: str, **options: object) -> list[tuple[str | None, ...]]:
    """Return the rows of a result in N-Triples notation, sorted."""
    answer = store.query(text, **options)  # type: ignore[arg-type]
    found = [tuple(None if t is None else t.n3() for t in row) for row in answer]
    return sorted(found, key=str)


def test_the_default_graph_can_be_read_by_name() -> None:
    """The store's own default graph has a name, and is listed if it holds triples."""
    store = embedded(SMALL)
    assert STORE_DEFAULT_GRAPH not in StoredGraphs(store, STORE_DEFAULT_GRAPH)
    insertion = Update("INSERT DATA { <http://e/own> <http://e/p> 2 }")
    OxigraphWriter(store).commit(insertion, author="test")
    graphs = StoredGraphs(store, STORE_DEFAULT_GRAPH)
    assert [str(s) for s in graphs[STORE_DEFAULT_GRAPH].subjects()] == ["http://e/own"]
    assert list(graphs) == [*store.graphs(), STORE_DEFAULT_GRAPH]


class TestStore:
    """The contract of Store."""

    def test_a_triple_in_two_graphs_counts_once(self, store: Store) -> None:
        """The default graph is a set of triples."""
        found = rows(store, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        assert found == [(Literal(2).n3(),)]

    def test_graphs_of_the_request_are_merged(self, store: Store) -> None:
        """Naming two graphs, or one twice, counts no triple twice."""
        graphs = [FACTS, ENTITIES_GRAPH, FACTS]
        found = rows(store, "SELECT ?o { ?s <http://e/p> ?o }", default_graphs=graphs)
        assert found == [('"سلام"@ar',)]

    def test_many_dataset_selections_are_answered(self, store: Store) -> None:
        """Results stay right when more datasets are selected than are cached."""
        text = "SELECT ?o { ?s <http://e/p> ?o }"
        for number in range(20):
            graphs = [FACTS, ENTITIES_GRAPH, f"http://e/{number}"]
            assert len(rows(store, text, default_graphs=graphs)) == 1

    def test_notes_are_reached_by_graph_only(self, store: Store) -> None:
        """The default graph does not include notes."""
        assert not store.query("ASK { <http://e/n> ?p ?o }").truth
        text = f"SELECT ?o {{ GRAPH <{NOTES}> {{ ?s ?p ?o }} }}"
        assert rows(store, text) == [(Literal(1).n3(),)]

    @pytest.mark.parametrize("graphs", [(FACTS,), (FACTS, ENTITIES_GRAPH), (NOTES,)])
    def test_matching_triples_are_those_of_the_copies(
        self, store: Store, graphs: tuple[URIRef, ...]
    ) -> None:
        """Every pattern matches the same triples as in a copy, each once."""
        copy = Graph()
        for name in graphs:
            copy += store.read(name)
        for pattern in product((None, E.s), (None, E.p), (None, SALAM, Literal(1))):
            found = list(store.triples(pattern, graphs))
            assert len(found) == len(set(found))
            assert set(found) == set(copy.triples(pattern))

    def test_invalid_patterns_match_nothing(self, store: Store) -> None:
        """A literal subject, a blank predicate and an unknown graph match nothing."""
        every = (None, None, None)
        spaced = URIRef("http://e/x y")
        wrong = ((SALAM, None, None), (None, BNode("b"), None), (spaced, None, None))
        for pattern in wrong:
            assert not list(store.triples(pattern, (FACTS,)))
        assert not list(store.triples(every, (E.none,)))

    def test_stored_graphs_equal_their_copies(self, store: Store) -> None:
        """Graph views over a store equal its copies, one by one and merged."""
        graphs = StoredGraphs(store, STORE_DEFAULT_GRAPH)
        assert len(graphs) == len(store.graphs()) == 3
        for name, graph in graphs.items():
            assert set(graph) == set(store.read(name))
            assert len(graph) == len(store.read(name))
        several = union([graphs[FACTS], graphs[ENTITIES_GRAPH]])
        assert len(several) == len(set(several)) == 2
        assert SHARED in several
        assert set(several.objects(E.s, E.p)) == {SALAM}
        blank = several.value(E.s, E.q)
        assert isinstance(blank, BNode)
        assert blank == store.read(FACTS).value(E.s, E.q)
        assert not list(several.predicate_objects(E.n))

    def test_merged_graphs_keep_their_names(self, store: Store) -> None:
        """GRAPH still finds the graphs that hold a triple."""
        found = rows(store, "SELECT ?g { GRAPH ?g { ?s <http://e/p> ?o } }")
        assert found == [
            (f"<{name}>",) for name in sorted((ENTITIES_GRAPH, FACTS, NOTES))
        ]

    @pytest.mark.parametrize(
        ("text", "options", "count"),
        [
            (f"SELECT * FROM <{NOTES}> {{ ?s ?p ?o }}", {}, 1),
            (f"BASE <{NOTES}> SELECT * FROM <> {{ ?s ?p ?o }}", {}, 1),
            (
                f"PREFIX n: <{NOTES}>\n"
                "SELECT * FROM NAMED n: { GRAPH ?g { ?s ?p ?o } }",
                {},
                1,
            ),
            (f"SELECT * FROM <{NOTES}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", {}, 0),
            (f"SELECT * FROM <{NOTES}> {{ ?s ?p ?o }}", {"default_graphs": [FACTS]}, 2),
            ("SELECT * { GRAPH ?g { ?s ?p ?o } }", {"named_graphs": [FACTS]}, 2),
            ("SELECT * { ?s ?p ?o }", {"named_graphs": [FACTS]}, 0),
            ("SELECT * { ?s ?p ?o }", {"default_graphs": ["http://e/none"]}, 0),
        ],
    )
    def test_a_query_reads_the_dataset_it_selects(
        self, store: Store, text: str, options: dict[str, list[str]], count: int
    ) -> None:
        """The request wins over FROM, and FROM over the default dataset."""
        assert len(rows(store, text, **options)) == count

    def test_from_reads_no_file(self, store: Store, tmp_path: Path) -> None:
        """An unknown graph is empty, even if its name is the URL of a file."""
        secret = tmp_path / "secret.ttl"
        secret.write_text("<http://e/secret> <http://e/p> 'x' .", encoding="utf-8")
        for clause in ("FROM", "FROM NAMED"):
            text = f"SELECT * {clause} <{secret.as_uri()}> {{ ?s ?p ?o }}"
            assert rows(store, text) == []
        text = "SELECT * { ?s ?p ?o }"
        assert rows(store, text, default_graphs=[secret.as_uri()]) == []

    def test_from_calls_no_server(self, store: Store) -> None:
        """FROM opens no connection to a listening server."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.setblocking(False)
            url = f"http://127.0.0.1:{server.getsockname()[1]}/"
            assert rows(store, f"SELECT * FROM <{url}> {{ ?s ?p ?o }}") == []
            with pytest.raises(InvalidQuery, match="SERVICE"):
                store.query(f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}")
            with pytest.raises(BlockingIOError):
                server.accept()

    @pytest.mark.parametrize(
        "text",
        [
            "SELECT * { SERVICE <http://e/> { ?s ?p ?o } }",
            "SELECT * { SERVICE ?s { ?s ?p ?o } }",
            "SELECT * { service silent <http://e/> { ?s ?p ?o } }",
            "SELECT * { SERVICESILENT<http://e/>{ ?s ?p ?o } }",
            "SELECT * { ?s ?p trueSERVICE<http://e/>{ ?s ?p ?o } }",
            "PREFIX SERVICE: <http://e/> SELECT * { SERVICE:x { ?s ?p ?o } }",
            "SELECT * { \\u0053ERVICE <http://e/> { ?s ?p ?o } }",
            "SELECT * { FILTER EXISTS { SERVICE <http://e/> { ?s ?p ?o } } }",
            "SELECT * { { SELECT * { SERVICE <http://e/> { ?s ?p ?o } } } }",
            "SELECT * { #\n SERVICE#\n<http://e/> { ?s ?p ?o } }",
        ],
    )
    def test_service_is_refused_however_it_is_written(
        self, store: Store, text: str
    ) -> None:
        """SERVICE is refused in any spelling, with its position."""
        with pytest.raises(InvalidQuery, match="SERVICE") as caught:
            store.query(text)
        assert caught.value.line
        assert caught.value.column

    @pytest.mark.parametrize(
        "text",
        [
            "SELECT ('SERVICE <http://e/> {}' AS ?x) {}",
            'SELECT ("""SERVICE "x" <a> {}""" AS ?x) {}',
            "SELECT * { ?SERVICE <http://e/SERVICE> ?o } # SERVICE <http://e/> {}",
            "PREFIX service: <http://e/> SELECT * { service:s ?p ?o }",
            "SELECT * { ?s ?p 'x'@service . _:SERVICE ?q ?o }",
            "PREFIX load: <http://e/> SELECT * { load:s ?p ?o }",
        ],
    )
    def test_a_keyword_in_a_name_or_string_is_no_clause(
        self, store: Store, text: str
    ) -> None:
        """Names, strings and comments may contain SERVICE and LOAD."""
        assert store.query(text).kind == "bindings"

    @pytest.mark.parametrize(
        ("text", "line", "words"),
        [
            ("SELECT * {\n ?s ?p }", 2, "cannot be parsed|before the end"),
            ("SELECT * {", 1, "cannot be parsed|before the end"),
            ("SELECT *\n{ ?s al:p ?o }", 2, "al: is not declared"),
            ("ASK { FILTER(NOFUNCTION(1)) }", 1, "."),
            ("", None, "not a query"),
            ("SELECTED * {}", None, "not a query"),
            ("INSERT DATA { <a:a> <a:b> <a:c> }", None, "not a query"),
            ("ASK {} ASK {}", 1, "."),
            ("ASK { ?s ?p '\\UFFFFFFFF' }", 1, "begins no string"),
        ],
    )
    def test_a_syntax_error_has_its_position(
        self, store: Store, text: str, line: int | None, words: str
    ) -> None:
        """Line and column are in the message and in the error's attributes."""
        with pytest.raises(InvalidQuery, match=words) as caught:
            store.query(text)
        assert caught.value.remedy
        if line:
            assert caught.value.line == line
            assert f"Line {line}, column {caught.value.column}" in caught.value.message

    def test_a_known_prefix_is_suggested(self, store: Store) -> None:
        """The remedy for a prefix of the project can be pasted into the query."""
        with pytest.raises(InvalidQuery) as caught:
            store.query("SELECT * { ?s al:p ?o }")
        remedy = str(caught.value.remedy)
        assert remedy.endswith("PREFIX al: <https://w3id.org/alaqat/ontology#>")

    @pytest.mark.parametrize(
        "text",
        [
            "SELECT * { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }",
            "SELECT * " + "{" * 5000 + "}" * 5000,
            "SELECT * { FILTER(" + "!" * 5000 + "true) }",
            "SELECT * {" + " UNION ".join(["{ ?s ?p ?o }"] * 5000) + "}",
            "SELECT * { ?s ?p " + ",".join(["?o"] * 5000) + "}",
        ],
        ids=["parentheses", "braces", "not", "union", "objects"],
    )
    def test_queries_that_would_crash_an_engine_are_refused(
        self, store: Store, text: str
    ) -> None:
        """Deep nesting and long chains are errors, and the next query works."""
        with pytest.raises(InvalidQuery, match=r"deep|parts"):
            store.query(text)
        assert store.query("ASK {}").truth

    @pytest.mark.parametrize(
        "text",
        [
            "ASK { FILTER(" + "(" * 60 + "true" + ")" * 60 + ") }",
            "ASK { FILTER(" + "(" * 95 + "true" + ")" * 95 + ") }",
            "ASK " + "{ ?s ?p ?o " * 95 + "}" * 95,
            "ASK { FILTER(" + "!!" * 240 + "true) }",
            "ASK { FILTER(true" + " && true" * 490 + ") }",
        ],
        ids=["sixty", "parentheses", "braces", "not", "and"],
    )
    def test_queries_at_the_limit_do_no_harm(self, store: Store, text: str) -> None:
        """An engine may answer or refuse them, and the next query works."""
        with suppress(InvalidQuery):
            store.query(text)
        assert store.query("ASK {}").truth

    def test_long_lists_are_allowed(self, store: Store) -> None:
        """A long VALUES list does not count as nesting."""
        values = " ".join(f"<http://e/{number}>" for number in range(2000))
        found = rows(
            store, f"SELECT ?s {{ VALUES ?s {{ {values} <http://e/s> }} ?s ?p ?o }}"
        )
        assert len(found) == 2

    def test_a_burst_of_threads_is_answered(self, store: Store) -> None:
        """Eighty concurrent queries succeed, and so does one afterwards."""
        texts = [f"SELECT ?o {{ <http://e/s> ?p{n} ?o }}" for n in range(80)]
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda text: len(rows(store, text)), texts))
        assert found == [2] * 80
        assert store.query("ASK {}").truth

    def test_values_are_bound(self, store: Store) -> None:
        """Bindings hold for unselected variables too, and are not pasted in."""
        text = "SELECT ?s WHERE { ?s ?p ?o FILTER(?o = ?o) }"
        assert rows(store, text, bindings={"o": SALAM}) == [("<http://e/s>",)]
        evil = Literal('x" } } SELECT * { ?s ?p ?o } #')
        assert rows(store, text, bindings={"o": evil, "p": E.p}) == []

    def test_values_are_bound_in_every_form(self, store: Store) -> None:
        """Bindings hold in ASK and CONSTRUCT too."""
        bound = {"o": SALAM}
        assert store.query("ASK { ?s ?p ?o }", bindings=bound).truth
        text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
        assert len(rows(store, text, bindings=bound)) == 1

    @pytest.mark.parametrize(
        ("text", "bindings"),
        [
            ("CONSTRUCT WHERE { ?s ?p ?o }", {"s": E.s}),
            ("DESCRIBE <http://e/s>", {"s": E.s}),
            ("ASK { ?s ?p ?o }", {"s": BNode()}),
            ("ASK { ?s ?p ?o }", {"s) {": E.s}),
        ],
    )
    def test_impossible_bindings_are_refused(
        self, store: Store, text: str, bindings: dict[str, URIRef]
    ) -> None:
        """A binding that cannot be applied is an error."""
        with pytest.raises(InvalidQuery, match="bound"):
            store.query(text, bindings=bindings)

    def test_columns_have_the_order_of_the_query(self, store: Store) -> None:
        """SELECT * has its columns in alphabetical order; unbound cells are None."""
        answer = store.query("SELECT ?z ?s { ?s <http://e/q> ?o }")
        assert list(answer.variables) == ["z", "s"]
        assert list(answer) == [(None, E.s)]
        assert list(store.query("SELECT * { ?s ?p ?o }").variables) == ["o", "p", "s"]

    def test_blank_nodes_are_answered(self, store: Store) -> None:
        """Blank nodes come back as blank nodes."""
        (row,) = store.query("SELECT ?o { ?s <http://e/q> ?o }")
        assert isinstance(row[0], BNode)

    def test_graphs_are_answered(self, store: Store) -> None:
        """CONSTRUCT and DESCRIBE return triples."""
        text = "PREFIX e: <http://e/> CONSTRUCT { ?s e:r ?o } { ?s e:p ?o }"
        assert list(store.query(text)) == [(E.s, E.r, SALAM)]
        assert SHARED in list(store.query("DESCRIBE <http://e/s>"))

    def test_relative_iris_are_resolved_against_the_base(self, store: Store) -> None:
        """Every engine resolves them alike."""
        (triple,) = store.query("CONSTRUCT { <s> <p> 1 } WHERE {}")
        assert triple[0] == URIRef("https://w3id.org/alaqat/s")

    def test_a_graph_name_is_an_absolute_iri(self, store: Store) -> None:
        """A request with any other graph name is refused."""
        with pytest.raises(InvalidQuery, match="absolute IRI"):
            store.query("ASK {}", default_graphs=["data"])

    @pytest.mark.parametrize(
        "form", formats_for("bindings"), ids=lambda form: form.name
    )
    def test_rows_are_written(self, store: Store, form: Format) -> None:
        """Each format holds the same row in its own notation."""
        out = io.BytesIO()
        store.query("SELECT ?s ?z ?o { ?s <http://e/p> ?o }").write(out, form)
        check = {"json": _json, "xml": _xml, "csv": _csv, "tsv": _tsv}[form.name]
        check(out.getvalue().decode())

    @pytest.mark.parametrize("form", formats_for("boolean"), ids=lambda form: form.name)
    def test_a_boolean_is_written(self, store: Store, form: Format) -> None:
        """A boolean can be read back from each format, and has no rows."""
        out = io.BytesIO()
        assert list(store.query("ASK {}")) == []
        store.query("ASK {}").write(out, form)
        assert b"true" in out.getvalue()

    @pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
    @pytest.mark.parametrize("form", formats_for("graph"), ids=lambda form: form.name)
    def test_a_graph_is_written(self, store: Store, form: Format) -> None:
        """Another parser reads back the same triples."""
        out = io.BytesIO()
        text = "PREFIX e: <http://e/> CONSTRUCT WHERE { ?s ?p ?o }"
        store.query(text).write(out, form)
        parser = {"rdfxml": "xml", "jsonld": "json-ld", "ntriples": "nt"}
        back = Graph().parse(out.getvalue(), format=parser.get(form.name, form.name))
        assert isomorphic(back, store.read(FACTS))

    def test_a_prefix_keeps_its_trailing_hash(self, make: StoreFactory) -> None:
        """A namespace that ends in # shortens IRIs without escapes."""
        store = make({URIRef("http://e/o#g"): [SHARED]})
        for declared in ("http://e/o#", "o#"):
            text = f"BASE <http://e/> PREFIX o: <{declared}> "
            out = io.BytesIO()
            store.query(text + "CONSTRUCT { o:a o:b o:c } {}").write(out, TURTLE)
            assert b"o:a o:b o:c" in out.getvalue()
            assert len(rows(store, text + "SELECT ?s FROM o:g { ?s ?p ?o }")) == 1

    def test_nondeterministic_queries_are_recognized(self) -> None:
        """A function such as RAND is found in any spelling."""
        for text in ("RAND()", "now()", "\\u004EOW()", "UUID()", "BNODE()"):
            assert not analyse_query(f"SELECT ({text} AS ?x) {{}}").is_deterministic
        assert analyse_query("SELECT ?now { ?now a 'RAND()' }").is_deterministic

    def test_turtle_has_the_prefixes_of_the_query(self, store: Store) -> None:
        """Turtle declares the prefixes of the query, or else the project's."""
        out = io.BytesIO()
        (turtle,) = (form for form in formats_for("graph") if form.name == "turtle")
        text = "PREFIX mine: <http://e/> CONSTRUCT WHERE { ?s mine:p ?o }"
        store.query(text).write(out, turtle)
        assert "mine:s mine:p" in out.getvalue().decode()

    @pytest.mark.parametrize(
        "text",
        ["SELECT * {}", "ASK {}", "DESCRIBE <http://e/s>"],
        ids=lambda text: text[:3],
    )
    def test_a_format_refuses_the_wrong_kind_of_result(
        self, store: Store, text: str
    ) -> None:
        """Rows cannot be written as Turtle, nor triples as CSV."""
        with pytest.raises(UnsupportedFormat):
            store.query(text).write(io.BytesIO(), N_QUADS)

    def test_graphs_are_listed_and_copied(self, store: Store) -> None:
        """Changing a copy does not change the store."""
        assert list(store.graphs()) == sorted([ENTITIES_GRAPH, FACTS, NOTES])
        copy = store.read(FACTS)
        copy.remove((None, None, None))
        assert len(store.read(FACTS)) == 2

    def test_an_empty_store_can_be_queried(self, make: StoreFactory) -> None:
        """A store may be empty."""
        store = make({})
        assert rows(store, "SELECT * { ?s ?p ?o }") == []
        assert list(store.graphs()) == []
        assert len(store.read(STORE_DEFAULT_GRAPH)) == 0

    def test_an_unknown_graph_is_refused(self, store: Store) -> None:
        """The remedy lists the graphs that exist."""
        with pytest.raises(UnknownGraph) as caught:
            store.read("http://e/none")
        assert FACTS in str(caught.value.remedy)

    def test_a_query_may_be_analysed_beforehand(self, store: Store) -> None:
        """An analysis gives the same result, and allows no more than the text."""
        text = "SELECT ?o { ?s ?p ?o } ORDER BY ?o"
        found = [list(store.query(each)) for each in (text, analyse_query(text))]
        assert found[0] == found[1] != []
        service = "SELECT * { SERVICE <http://e/> { ?s ?p ?o } }"
        with pytest.raises(InvalidQuery, match="SERVICE"):
            store.query(analyse_query(service, {"http://e/"}))

    def test_a_timeout_applies_where_possible(self, store: Store) -> None:
        """A store that cannot stop a query still answers it."""
        limited = with_timeout(store, 10)
        assert limited.query("ASK {}").truth
        assert (limited is store) == (not isinstance(store, PooledStore))
        assert with_timeout(store, None) is store

    def test_it_may_be_closed_twice(self, store: Store) -> None:
        """A second close has no effect."""
        store.close()
        store.close()


class StoreWithWriter(NamedTuple):
    """A writer, and its store as a reader sees it now."""

    writer: Writer
    reader: Callable[[], Store]

    def commit(self, change: Mutation, expected: str | None = None) -> CommitResult:
        """StoreFactory a change."""
        return self.writer.commit(change, author="ada", expected=expected)


def ntriples(*triples: Triple) -> bytes:
    """Return triples in N-Triples."""
    return graph_of(triples).serialize(format="nt", encoding="utf-8")


@pytest.fixture(params=["embedded", "working"])
def written(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[StoreWithWriter]:
    """Yield each kind of writer, over a store with the same graphs."""
    if request.param == "embedded":
        store = OxigraphStore()
        written = StoreWithWriter(OxigraphWriter(store), lambda: store)
    else:
        folder = tmp_path / "working"
        create_writable_store(folder, None, START)
        ticks = (START + timedelta(seconds=number) for number in count())
        working = WritableStore(folder, None, clock=partial(next, ticks))
        written = StoreWithWriter(working, lambda: open_current(folder))
    for name, triples in SMALL.items():
        written.commit(Add(name, ntriples(*triples)))
    yield written
    if isinstance(written.writer, WritableStore):
        written.writer.close()


class TestWriter:
    """The contract of Writer."""

    def test_a_reader_sees_the_change(self, written: StoreWithWriter) -> None:
        """A cached merge of graphs does not outlive a write."""
        text = "SELECT ?o { ?s <http://e/p> ?o }"
        assert len(rows(written.reader(), text)) == 1
        written.commit(Add(ENTITIES_GRAPH, ntriples((E.t, E.p, Literal("new")))))
        assert rows(written.reader(), text) == [('"new"',), ('"سلام"@ar',)]

    def test_a_graph_is_replaced(self, written: StoreWithWriter) -> None:
        """The result says whether the graph was created."""
        triple = (E.s, E.p, Literal("other"))
        assert not written.commit(Replace(FACTS, ntriples(triple))).is_new
        assert set(written.reader().read(FACTS)) == {triple}
        assert written.commit(Replace("http://e/new", ntriples(triple))).is_new

    def test_invalid_triples_change_nothing(self, written: StoreWithWriter) -> None:
        """A replacement is parsed before the graph is emptied."""
        broken = ntriples(SHARED) + b"<http://e/s> <http://e/p>"
        for change in (Replace(FACTS, broken), Add(FACTS, broken)):
            with pytest.raises(InvalidData):
                written.commit(change)
        assert len(written.reader().read(FACTS)) == 2

    def test_an_empty_graph_exists(self, written: StoreWithWriter) -> None:
        """A graph without triples exists until it is dropped."""
        assert written.commit(Replace("http://e/new", b"")).is_new
        assert len(written.reader().read("http://e/new")) == 0
        written.commit(Drop("http://e/new"))
        with pytest.raises(UnknownGraph):
            written.reader().read("http://e/new")

    def test_an_unknown_graph_is_not_dropped(self, written: StoreWithWriter) -> None:
        """Dropping an unknown graph is an error."""
        with pytest.raises(UnknownGraph):
            written.commit(Drop("http://e/none"))

    def test_an_update_changes_named_and_default_graph(
        self, written: StoreWithWriter
    ) -> None:
        """A plain query sees the triples of the store's own default graph."""
        text = (
            "PREFIX e: <http://e/> INSERT DATA { e:x e:p 1 } ;\n"
            f"INSERT DATA {{ GRAPH <{NOTES}> {{ e:y e:p 2 }} }}"
        )
        written.commit(Update(text))
        assert written.reader().query("ASK { <http://e/x> ?p ?o }").truth
        assert len(written.reader().read(NOTES)) == 2

    def test_an_update_reads_the_graphs_of_the_request(
        self, written: StoreWithWriter
    ) -> None:
        """using-graph-uri has the effect of USING."""
        text = f"INSERT {{ GRAPH <{NOTES}> {{ ?s ?p 2 }} }} WHERE {{ ?s ?p ?o }}"
        written.commit(Update(text, using_graphs=[ENTITIES_GRAPH]))
        assert len(written.reader().read(NOTES)) == 2

    def test_an_update_that_fails_changes_nothing(
        self, written: StoreWithWriter
    ) -> None:
        """The operations before the one that fails are undone."""
        first = "INSERT DATA { <http://e/x> <http://e/p> 1 }"
        for last in ("LOAD <http://e/>", "LOAD:x", "NONSENSE"):
            with pytest.raises(InvalidQuery):
                written.commit(Update(f"{first} ; {last}"))
        assert not written.reader().query("ASK { <http://e/x> ?p ?o }").truth

    def test_a_query_is_not_an_update(self, written: StoreWithWriter) -> None:
        """A query sent as an update is refused."""
        with pytest.raises(InvalidQuery, match="query"):
            written.commit(Update("ASK {}"))

    def test_load_calls_no_server(self, written: StoreWithWriter) -> None:
        """LOAD opens no connection to a listening server."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.setblocking(False)
            with pytest.raises(InvalidQuery, match="LOAD"):
                written.commit(
                    Update(f"LOAD <http://127.0.0.1:{server.getsockname()[1]}/>")
                )
            with pytest.raises(BlockingIOError):
                server.accept()

    def test_each_mutation_makes_a_version(self, written: StoreWithWriter) -> None:
        """A mutation that expects another version is refused and changes nothing."""
        first = written.commit(Add(FACTS, ntriples((E.a, E.p, E.b)))).version
        second = written.commit(Add(FACTS, ntriples((E.c, E.p, E.d))), first).version
        assert first != second
        with pytest.raises(Conflict):
            written.commit(Drop(FACTS), first)
        assert len(written.reader().read(FACTS)) == 4


def _json(text: str) -> None:
    """Check the row in SPARQL 1.1 JSON."""
    (row,) = json.loads(text)["results"]["bindings"]
    assert row["s"] == {"type": "uri", "value": "http://e/s"}
    assert row["o"] == {"type": "literal", "value": "سلام", "xml:lang": "ar"}
    assert "z" not in row


def _xml(text: str) -> None:
    """Check the row in SPARQL XML."""
    assert "<uri>http://e/s</uri>" in text
    assert '<literal xml:lang="ar">سلام</literal>' in text


def _csv(text: str) -> None:
    """Check the row in SPARQL 1.1 CSV."""
    found = list(csv.reader(io.StringIO(text)))
    assert found == [["s", "z", "o"], ["http://e/s", "", "سلام"]]


def _tsv(text: str) -> None:
    """Check the row in SPARQL 1.1 TSV."""
    assert text.splitlines() == ["?s\t?z\t?o", '<http://e/s>\t\t"سلام"@ar']


@pytest.fixture
def quads(tmp_path: Path) -> Path:
    """Return an N-Quads file with a triple in a graph and one in the default graph."""
    path = tmp_path / "x.nq"
    line = f"<http://e/s> <http://e/p> <http://e/o> <{FACTS}> .\n"
    path.write_text(
        line + "<http://e/d> <http://e/p> <http://e/o> .\n", encoding="utf-8"
    )
    return path


def test_either_engine_opens_a_built_store(quads: Path, tmp_path: Path) -> None:
    """The store and its N-Quads have the same content."""
    folder = tmp_path / "store"
    create_store(folder, quads)
    text = "SELECT ?s { ?s <http://e/p> ?o }"
    expected = [("<http://e/d>",), ("<http://e/s>",)]
    assert rows(open_store(folder), text) == expected
    assert rows(RdflibStore.load(quads), text) == expected


def test_an_opened_store_is_read_only(quads: Path, tmp_path: Path) -> None:
    """Every mutation is refused, and several readers may open it."""
    folder = tmp_path / "store"
    create_store(folder, quads)
    store, other = open_store(folder), open_store(folder)
    for change in (
        Update("CLEAR ALL"),
        Add(FACTS, b""),
        Replace(FACTS, b""),
        Drop(FACTS),
    ):
        with pytest.raises(ReadOnly):
            OxigraphWriter(store).commit(change, author="")
    assert len(other.read(FACTS)) == 1


@pytest.mark.parametrize("state", ["missing", "empty", "damaged"])
def test_a_missing_store_is_an_error(tmp_path: Path, state: str) -> None:
    """The error has a remedy."""
    folder = tmp_path / state
    if state != "missing":
        folder.mkdir()
    if state == "damaged":
        (folder / "CURRENT").write_text("nonsense", encoding="utf-8")
    with pytest.raises(StoreUnavailable, match="cannot be opened") as caught:
        open_store(folder)
    assert caught.value.path == folder


def test_an_engine_failure_is_not_an_invalid_query(tmp_path: Path) -> None:
    """Only what the client can correct is an InvalidQuery."""
    assert not issubclass(OSError, AlaqatError)
    with pytest.raises(StoreUnavailable):
        open_store(tmp_path / "none")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("SELEC * { ?s ?p ?o }", "begins with SELECT"),
        ("SELECT * {\n?s ?p ?o FILTR(?o > 1) }", "did you mean FILTER?"),
        (
            "SELECT * { ?s ?p ?o FILTER(isIri(?o) && isBlnk(?o)) }",
            "did you mean ISBLANK?",
        ),
        ("SELECT * { ?s ?p embassy }", "a name needs a prefix"),
        ("SELECT * {\n { ?s ?p ?o }", "Close the { in line 1, column 10."),
        ("SELECT * { ?s ?p ?o } }", "The } in line 1, column 23 closes nothing."),
        ("SELECT * { ?s ?p ?o FILTER(?o > (1 } ", "The } in line 1, column 36 closes"),
        ("SELECT * { ?s ?p }", "here one is missing"),
        ("SELECT * { ?s ?p ?o . ?s }", "here one is missing"),
        ("SELECT ?x WHERE { ?x ?y ?z } LIMIT", "Correct the query there"),
        ("", "begins with SELECT"),
    ],
)
def test_a_usual_mistake_has_a_remedy(text: str, remedy: str) -> None:
    """The remedy names the mistake, not only where the engine stopped."""
    with pytest.raises(InvalidQuery) as caught:
        OxigraphStore().query(text)
    assert remedy in str(caught.value.remedy)


def test_a_group_in_a_select_clause_is_not_the_outermost() -> None:
    """Bindings go into the WHERE clause."""
    store = embedded({FACTS: [SHARED, (E.t, E.p, E.o)]})
    text = "SELECT (EXISTS { ?s ?p ?o } AS ?is) { ?s ?p ?o }"
    assert len(rows(store, text, bindings={"o": SALAM})) == 1


def test_a_stack_overflow_is_an_error() -> None:
    """The engine that recurses in Python refuses the query, and answers the next."""
    store, usual = RdflibStore(), sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 150)
    try:
        with pytest.raises(InvalidQuery, match="nested too deep"):
            store.query("ASK { FILTER(" + "(" * 90 + "true" + ")" * 90 + ") }")
    finally:
        sys.setrecursionlimit(usual)
    assert store.query("ASK {}").truth
