"""The store contract, held against every engine; answers in every format."""

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

from alaqat.curation.backup import create
from alaqat.curation.snapshots import opened
from alaqat.curation.writer_process import WorkingStore
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


Make = Callable[[Mapping[URIRef, Iterable[Triple]]], Store]


def embedded(graphs: Mapping[URIRef, Iterable[Triple]]) -> OxigraphStore:
    """Oxigraph in this process."""
    store = OxigraphStore()
    for name, triples in graphs.items():
        oxigraph_writer.amend(store, name, triples)
    return store


@pytest.fixture(params=["memory", "embedded", "pooled"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Make a store of graphs, of each kind that there is."""
    made: list[Store] = []

    def pooled(graphs: Mapping[URIRef, Iterable[Triple]]) -> PooledStore:
        publish_release(
            {name: graph_of(each) for name, each in graphs.items()}, tmp_path, {}
        )
        return PooledStore(CurrentSnapshot(tmp_path), workers=1)

    def build(graphs: Mapping[URIRef, Iterable[Triple]]) -> Store:
        kinds = {"memory": RdflibStore, "embedded": embedded, "pooled": pooled}
        made.append(kinds[request.param](graphs))
        return made[-1]

    yield build
    for store in made:
        store.close()


def graph_of(triples: Iterable[Triple]) -> Graph:
    """Triples as a graph."""
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
def store(make: Make) -> Store:
    """A store in which one triple stands in two graphs of the default graph."""
    return make(SMALL)


def rows(store: Store, text: str, **options: object) -> list[tuple[str | None, ...]]:
    """The rows of an answer in the notation of N-Triples, sorted."""
    answer = store.query(text, **options)  # type: ignore[arg-type]
    found = [tuple(None if t is None else t.n3() for t in row) for row in answer]
    return sorted(found, key=str)


def test_the_default_graph_of_a_store_has_a_name_for_readers() -> None:
    """Its triples are found under that, and it is a graph if it holds any."""
    store = embedded(SMALL)
    assert STORE_DEFAULT_GRAPH not in StoredGraphs(store, STORE_DEFAULT_GRAPH)
    insertion = Update("INSERT DATA { <http://e/own> <http://e/p> 2 }")
    OxigraphWriter(store).commit(insertion, author="test")
    graphs = StoredGraphs(store, STORE_DEFAULT_GRAPH)
    assert [str(s) for s in graphs[STORE_DEFAULT_GRAPH].subjects()] == ["http://e/own"]
    assert list(graphs) == [*store.graphs(), STORE_DEFAULT_GRAPH]


class TestStore:
    """What every engine must hold to."""

    def test_a_triple_in_two_graphs_counts_once(self, store: Store) -> None:
        """The default graph is a set."""
        found = rows(store, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        assert found == [(Literal(2).n3(),)]

    def test_graphs_named_by_the_request_are_a_set_too(self, store: Store) -> None:
        """Naming two graphs, or one twice, counts nothing twice."""
        asked = [FACTS, ENTITIES_GRAPH, FACTS]
        found = rows(store, "SELECT ?o { ?s <http://e/p> ?o }", default_graphs=asked)
        assert found == [('"سلام"@ar',)]

    def test_what_is_remembered_of_selections_has_bounds(self, store: Store) -> None:
        """Many selections of graphs are all answered rightly."""
        text = "SELECT ?o { ?s <http://e/p> ?o }"
        for number in range(20):
            asked = [FACTS, ENTITIES_GRAPH, f"http://e/{number}"]
            assert len(rows(store, text, default_graphs=asked)) == 1

    def test_notes_are_reached_by_graph_only(self, store: Store) -> None:
        """A plain query does not see them."""
        assert not store.query("ASK { <http://e/n> ?p ?o }").truth
        text = f"SELECT ?o {{ GRAPH <{NOTES}> {{ ?s ?p ?o }} }}"
        assert rows(store, text) == [(Literal(1).n3(),)]

    @pytest.mark.parametrize("graphs", [(FACTS,), (FACTS, ENTITIES_GRAPH), (NOTES,)])
    def test_triples_by_a_pattern_are_those_of_the_copies(
        self, store: Store, graphs: tuple[URIRef, ...]
    ) -> None:
        """Whatever terms are given, each once if it stands in several graphs."""
        copy = Graph()
        for name in graphs:
            copy += store.read(name)
        for pattern in product((None, E.s), (None, E.p), (None, SALAM, Literal(1))):
            found = list(store.triples(pattern, graphs))
            assert len(found) == len(set(found))
            assert set(found) == set(copy.triples(pattern))

    def test_no_triple_has_a_term_where_it_cannot_stand(self, store: Store) -> None:
        """Nor is anything in a graph that is not there."""
        every = (None, None, None)
        spaced = URIRef("http://e/x y")
        wrong = ((SALAM, None, None), (None, BNode("b"), None), (spaced, None, None))
        for pattern in wrong:
            assert not list(store.triples(pattern, (FACTS,)))
        assert not list(store.triples(every, (E.none,)))

    def test_graphs_over_a_store_are_as_their_copies(self, store: Store) -> None:
        """Each alone, and several as one."""
        graphs = StoredGraphs(store, STORE_DEFAULT_GRAPH)
        assert len(graphs) == len(store.graphs()) == 3
        for name, graph in graphs.items():
            assert set(graph) == set(store.read(name))
            assert len(graph) == len(store.read(name))
        several = union([graphs[FACTS], graphs[ENTITIES_GRAPH]])
        assert len(several) == len(set(several)) == 2
        assert SHARED in several
        assert set(several.objects(E.s, E.p)) == {SALAM}
        assert several.value(E.s, E.q) == store.read(FACTS).value(E.s, E.q)
        assert not list(several.predicate_objects(E.n))

    def test_the_merged_graphs_keep_their_names(self, store: Store) -> None:
        """GRAPH still tells where a triple stands."""
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
    def test_a_query_reads_the_graphs_it_chooses(
        self, store: Store, text: str, options: dict[str, list[str]], count: int
    ) -> None:
        """The request comes before FROM, and FROM before the usual graphs."""
        assert len(rows(store, text, **options)) == count

    def test_from_reads_no_file(self, store: Store, tmp_path: Path) -> None:
        """A graph that is not in the store is empty, whatever its name points to."""
        secret = tmp_path / "secret.ttl"
        secret.write_text("<http://e/secret> <http://e/p> 'x' .", encoding="utf-8")
        for clause in ("FROM", "FROM NAMED"):
            text = f"SELECT * {clause} <{secret.as_uri()}> {{ ?s ?p ?o }}"
            assert rows(store, text) == []
        text = "SELECT * { ?s ?p ?o }"
        assert rows(store, text, default_graphs=[secret.as_uri()]) == []

    def test_from_calls_no_server(self, store: Store) -> None:
        """A server that listens hears nothing."""
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
        """The refusal tells where it stands."""
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
    def test_a_word_is_no_clause(self, store: Store, text: str) -> None:
        """Names, strings and comments may hold the word."""
        assert store.query(text).kind == "bindings"

    @pytest.mark.parametrize(
        ("text", "line", "words"),
        [
            ("SELECT * {\n ?s ?p }", 2, "cannot be read|before its end"),
            ("SELECT * {", 1, "cannot be read|before its end"),
            ("SELECT *\n{ ?s al:p ?o }", 2, "al: is not declared"),
            ("ASK { FILTER(NOFUNCTION(1)) }", 1, "."),
            ("", None, "no query"),
            ("SELECTED * {}", None, "no query"),
            ("INSERT DATA { <a:a> <a:b> <a:c> }", None, "no query"),
            ("ASK {} ASK {}", 1, "."),
            ("ASK { ?s ?p '\\UFFFFFFFF' }", None, "read|end"),
        ],
    )
    def test_a_fault_is_told_with_its_place(
        self, store: Store, text: str, line: int | None, words: str
    ) -> None:
        """Line and column stand in the message and beside it."""
        with pytest.raises(InvalidQuery, match=words) as caught:
            store.query(text)
        assert caught.value.remedy
        if line:
            assert caught.value.line == line
            assert f"Line {line}, column {caught.value.column}" in caught.value.message

    def test_a_known_prefix_is_told_in_full(self, store: Store) -> None:
        """The remedy can be copied."""
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
    def test_what_would_crash_an_engine_is_refused(
        self, store: Store, text: str
    ) -> None:
        """Deep and endless queries are errors, and the next query works."""
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
    def test_the_most_that_is_allowed_does_no_harm(
        self, store: Store, text: str
    ) -> None:
        """An engine may answer or refuse, and the next query works."""
        with suppress(InvalidQuery):
            store.query(text)
        assert store.query("ASK {}").truth

    def test_long_lists_are_allowed(self, store: Store) -> None:
        """Many values are no deep query."""
        values = " ".join(f"<http://e/{number}>" for number in range(2000))
        found = rows(
            store, f"SELECT ?s {{ VALUES ?s {{ {values} <http://e/s> }} ?s ?p ?o }}"
        )
        assert len(found) == 2

    def test_a_burst_of_threads_is_answered(self, store: Store) -> None:
        """Eighty parses at once all succeed, and one afterwards too."""
        texts = [f"SELECT ?o {{ <http://e/s> ?p{n} ?o }}" for n in range(80)]
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda text: len(rows(store, text)), texts))
        assert found == [2] * 80
        assert store.query("ASK {}").truth

    def test_values_are_bound(self, store: Store) -> None:
        """Also where the variable is not selected; the text is not pasted in."""
        text = "SELECT ?s WHERE { ?s ?p ?o FILTER(?o = ?o) }"
        assert rows(store, text, bindings={"o": SALAM}) == [("<http://e/s>",)]
        evil = Literal('x" } } SELECT * { ?s ?p ?o } #')
        assert rows(store, text, bindings={"o": evil, "p": E.p}) == []

    def test_values_are_bound_in_every_form(self, store: Store) -> None:
        """In ASK and CONSTRUCT too."""
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
    def test_what_cannot_be_bound_is_told(
        self, store: Store, text: str, bindings: dict[str, URIRef]
    ) -> None:
        """Rather than ignored."""
        with pytest.raises(InvalidQuery, match="bound"):
            store.query(text, bindings=bindings)

    def test_columns_stand_in_the_order_of_the_query(self, store: Store) -> None:
        """Those of a star in that of the alphabet; unbound values are None."""
        answer = store.query("SELECT ?z ?s { ?s <http://e/q> ?o }")
        assert list(answer.variables) == ["z", "s"]
        assert list(answer) == [(None, E.s)]
        assert list(store.query("SELECT * { ?s ?p ?o }").variables) == ["o", "p", "s"]

    def test_blank_nodes_are_answered(self, store: Store) -> None:
        """As blank nodes."""
        (row,) = store.query("SELECT ?o { ?s <http://e/q> ?o }")
        assert isinstance(row[0], BNode)

    def test_graphs_are_answered(self, store: Store) -> None:
        """By CONSTRUCT and DESCRIBE, as triples."""
        text = "PREFIX e: <http://e/> CONSTRUCT { ?s e:r ?o } { ?s e:p ?o }"
        assert list(store.query(text)) == [(E.s, E.r, SALAM)]
        assert SHARED in list(store.query("DESCRIBE <http://e/s>"))

    def test_relative_iris_stand_below_the_base(self, store: Store) -> None:
        """Every engine resolves them alike."""
        (triple,) = store.query("CONSTRUCT { <s> <p> 1 } WHERE {}")
        assert triple[0] == URIRef("https://w3id.org/alaqat/s")

    def test_a_graph_name_is_an_absolute_iri(self, store: Store) -> None:
        """Anything else is a fault of the request."""
        with pytest.raises(InvalidQuery, match="absolute IRI"):
            store.query("ASK {}", default_graphs=["data"])

    @pytest.mark.parametrize(
        "form", formats_for("bindings"), ids=lambda form: form.name
    )
    def test_rows_are_written(self, store: Store, form: Format) -> None:
        """In every format the same row, in the notation of that format."""
        out = io.BytesIO()
        store.query("SELECT ?s ?z ?o { ?s <http://e/p> ?o }").write(out, form)
        check = {"json": _json, "xml": _xml, "csv": _csv, "tsv": _tsv}[form.name]
        check(out.getvalue().decode())

    @pytest.mark.parametrize("form", formats_for("boolean"), ids=lambda form: form.name)
    def test_a_truth_is_written(self, store: Store, form: Format) -> None:
        """It can be read in each format, and it has no rows."""
        out = io.BytesIO()
        assert list(store.query("ASK {}")) == []
        store.query("ASK {}").write(out, form)
        assert b"true" in out.getvalue()

    @pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
    @pytest.mark.parametrize("form", formats_for("graph"), ids=lambda form: form.name)
    def test_a_graph_is_written(self, store: Store, form: Format) -> None:
        """Another parser reads the same triples."""
        out = io.BytesIO()
        text = "PREFIX e: <http://e/> CONSTRUCT WHERE { ?s ?p ?o }"
        store.query(text).write(out, form)
        parser = {"rdfxml": "xml", "jsonld": "json-ld", "ntriples": "nt"}
        back = Graph().parse(out.getvalue(), format=parser.get(form.name, form.name))
        assert isomorphic(back, store.read(FACTS))

    def test_a_prefix_keeps_its_last_letter(self, make: Make) -> None:
        """An empty fragment is one, so that names behind it need no escape."""
        store = make({URIRef("http://e/o#g"): [SHARED]})
        for declared in ("http://e/o#", "o#"):
            text = f"BASE <http://e/> PREFIX o: <{declared}> "
            out = io.BytesIO()
            store.query(text + "CONSTRUCT { o:a o:b o:c } {}").write(out, TURTLE)
            assert b"o:a o:b o:c" in out.getvalue()
            assert len(rows(store, text + "SELECT ?s FROM o:g { ?s ?p ?o }")) == 1

    def test_what_answers_the_same_each_time_is_known(self) -> None:
        """So that only such answers are kept, however the function is written."""
        for text in ("RAND()", "now()", "\\u004EOW()", "UUID()", "BNODE()"):
            assert not analyse_query(f"SELECT ({text} AS ?x) {{}}").is_steady
        assert analyse_query("SELECT ?now { ?now a 'RAND()' }").is_steady

    def test_turtle_has_the_prefixes_of_the_query(self, store: Store) -> None:
        """The asker's own, or the project's if the query declares none."""
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
    def test_what_a_format_cannot_hold_is_told(self, store: Store, text: str) -> None:
        """Rather than written wrongly."""
        with pytest.raises(UnsupportedFormat):
            store.query(text).write(io.BytesIO(), N_QUADS)

    def test_graphs_are_listed_and_copied(self, store: Store) -> None:
        """A copy is no window into the store."""
        assert list(store.graphs()) == sorted([ENTITIES_GRAPH, FACTS, NOTES])
        copy = store.read(FACTS)
        copy.remove((None, None, None))
        assert len(store.read(FACTS)) == 2

    def test_an_empty_graph_reads_as_nothing(self, make: Make) -> None:
        """A store may hold nothing at all."""
        store = make({})
        assert rows(store, "SELECT * { ?s ?p ?o }") == []
        assert list(store.graphs()) == []
        assert len(store.read(STORE_DEFAULT_GRAPH)) == 0

    def test_an_unknown_graph_is_told(self, store: Store) -> None:
        """With the known ones."""
        with pytest.raises(UnknownGraph) as caught:
            store.read("http://e/none")
        assert FACTS in str(caught.value.remedy)

    def test_a_text_may_be_analysed_before(self, store: Store) -> None:
        """The answer is the same, and what may not be asked still may not be."""
        text = "SELECT ?o { ?s ?p ?o } ORDER BY ?o"
        found = [list(store.query(each)) for each in (text, analyse_query(text))]
        assert found[0] == found[1] != []
        service = "SELECT * { SERVICE <http://e/> { ?s ?p ?o } }"
        with pytest.raises(InvalidQuery, match="SERVICE"):
            store.query(analyse_query(service, {"http://e/"}))

    def test_a_timeout_is_kept_where_it_can_be(self, store: Store) -> None:
        """And nobody is refused where it cannot."""
        limited = with_timeout(store, 10)
        assert limited.query("ASK {}").truth
        assert (limited is store) == (not isinstance(store, PooledStore))
        assert with_timeout(store, None) is store

    def test_it_may_be_closed_twice(self, store: Store) -> None:
        """Whoever ends need not know who else does."""
        store.close()
        store.close()


class Written(NamedTuple):
    """A writer, and what a reader sees of its store now."""

    writer: Writer
    now: Callable[[], Store]

    def commit(self, change: Mutation, expected: str | None = None) -> CommitResult:
        """Make a change."""
        return self.writer.commit(change, author="ada", expected=expected)


def ntriples(*triples: Triple) -> bytes:
    """Triples in N-Triples."""
    return graph_of(triples).serialize(format="nt", encoding="utf-8")


@pytest.fixture(params=["embedded", "working"])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Written]:
    """Each kind of writer, over a store with the same graphs."""
    if request.param == "embedded":
        store = OxigraphStore()
        made = Written(OxigraphWriter(store), lambda: store)
    else:
        folder = tmp_path / "working"
        create(folder, None, START)
        ticks = (START + timedelta(seconds=number) for number in count())
        working = WorkingStore(folder, None, clock=partial(next, ticks))
        made = Written(working, lambda: opened(folder))
    for name, triples in SMALL.items():
        made.commit(Add(name, ntriples(*triples)))
    yield made
    if isinstance(made.writer, WorkingStore):
        made.writer.close()


class TestWriter:
    """What every writer must hold to."""

    def test_a_reader_sees_the_change(self, written: Written) -> None:
        """Nothing that was merged for a query is remembered past a write."""
        text = "SELECT ?o { ?s <http://e/p> ?o }"
        assert len(rows(written.now(), text)) == 1
        written.commit(Add(ENTITIES_GRAPH, ntriples((E.t, E.p, Literal("new")))))
        assert rows(written.now(), text) == [('"new"',), ('"سلام"@ar',)]

    def test_a_graph_is_replaced_whole(self, written: Written) -> None:
        """It is told whether it is new."""
        triple = (E.s, E.p, Literal("other"))
        assert not written.commit(Replace(FACTS, ntriples(triple))).is_new
        assert set(written.now().read(FACTS)) == {triple}
        assert written.commit(Replace("http://e/new", ntriples(triple))).is_new

    def test_triples_that_cannot_be_read_change_nothing(self, written: Written) -> None:
        """What replaces a graph is read before the graph is emptied."""
        broken = ntriples(SHARED) + b"<http://e/s> <http://e/p>"
        for change in (Replace(FACTS, broken), Add(FACTS, broken)):
            with pytest.raises(InvalidData):
                written.commit(change)
        assert len(written.now().read(FACTS)) == 2

    def test_an_empty_graph_is_there(self, written: Written) -> None:
        """Until it is dropped."""
        assert written.commit(Replace("http://e/new", b"")).is_new
        assert len(written.now().read("http://e/new")) == 0
        written.commit(Drop("http://e/new"))
        with pytest.raises(UnknownGraph):
            written.now().read("http://e/new")

    def test_an_unknown_graph_is_not_dropped(self, written: Written) -> None:
        """That is told."""
        with pytest.raises(UnknownGraph):
            written.commit(Drop("http://e/none"))

    def test_an_update_changes_named_and_default_graph(self, written: Written) -> None:
        """A plain query sees what stands in the store's own default graph."""
        text = (
            "PREFIX e: <http://e/> INSERT DATA { e:x e:p 1 } ;\n"
            f"INSERT DATA {{ GRAPH <{NOTES}> {{ e:y e:p 2 }} }}"
        )
        written.commit(Update(text))
        assert written.now().query("ASK { <http://e/x> ?p ?o }").truth
        assert len(written.now().read(NOTES)) == 2

    def test_an_update_reads_the_graphs_of_the_request(self, written: Written) -> None:
        """As if its text had chosen them."""
        text = f"INSERT {{ GRAPH <{NOTES}> {{ ?s ?p 2 }} }} WHERE {{ ?s ?p ?o }}"
        written.commit(Update(text, using_graphs=[ENTITIES_GRAPH]))
        assert len(written.now().read(NOTES)) == 2

    def test_an_update_that_fails_changes_nothing(self, written: Written) -> None:
        """Not even by its first operation."""
        first = "INSERT DATA { <http://e/x> <http://e/p> 1 }"
        for last in ("LOAD <http://e/>", "LOAD:x", "NONSENSE"):
            with pytest.raises(InvalidQuery):
                written.commit(Update(f"{first} ; {last}"))
        assert not written.now().query("ASK { <http://e/x> ?p ?o }").truth

    def test_a_query_is_no_update(self, written: Written) -> None:
        """And is told so."""
        with pytest.raises(InvalidQuery, match="query"):
            written.commit(Update("ASK {}"))

    def test_load_calls_no_server(self, written: Written) -> None:
        """A server that listens hears nothing."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.setblocking(False)
            with pytest.raises(InvalidQuery, match="LOAD"):
                written.commit(
                    Update(f"LOAD <http://127.0.0.1:{server.getsockname()[1]}/>")
                )
            with pytest.raises(BlockingIOError):
                server.accept()

    def test_each_change_makes_a_version(self, written: Written) -> None:
        """One that expects another than the current one changes nothing."""
        first = written.commit(Add(FACTS, ntriples((E.a, E.p, E.b)))).version
        second = written.commit(Add(FACTS, ntriples((E.c, E.p, E.d))), first).version
        assert first != second
        with pytest.raises(Conflict):
            written.commit(Drop(FACTS), first)
        assert len(written.now().read(FACTS)) == 4


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
    """An N-Quads file with a triple in a graph and one in the default graph."""
    path = tmp_path / "x.nq"
    line = f"<http://e/s> <http://e/p> <http://e/o> <{FACTS}> .\n"
    path.write_text(
        line + "<http://e/d> <http://e/p> <http://e/o> .\n", encoding="utf-8"
    )
    return path


def test_what_was_built_is_opened_by_either_engine(quads: Path, tmp_path: Path) -> None:
    """From a folder or from N-Quads, with the same content."""
    folder = tmp_path / "store"
    create_store(folder, quads)
    text = "SELECT ?s { ?s <http://e/p> ?o }"
    expected = [("<http://e/d>",), ("<http://e/s>",)]
    assert rows(open_store(folder), text) == expected
    assert rows(RdflibStore.load(quads), text) == expected


def test_a_store_that_was_opened_is_only_read(quads: Path, tmp_path: Path) -> None:
    """Every change says so, and several readers may have it open."""
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
def test_a_store_that_is_not_there_is_told(tmp_path: Path, state: str) -> None:
    """With what to do about it."""
    folder = tmp_path / state
    if state != "missing":
        folder.mkdir()
    if state == "damaged":
        (folder / "CURRENT").write_text("nonsense", encoding="utf-8")
    with pytest.raises(StoreUnavailable, match="cannot be opened") as caught:
        open_store(folder)
    assert caught.value.path == folder


def test_a_fault_of_the_engine_is_no_fault_of_the_query(tmp_path: Path) -> None:
    """Only what the asker can mend is an InvalidQuery."""
    assert not issubclass(OSError, AlaqatError)
    with pytest.raises(StoreUnavailable):
        open_store(tmp_path / "none")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("SELEC * { ?s ?p ?o }", "begins with SELECT"),
        ("SELECT * {\n?s ?p ?o FILTR(?o > 1) }", "is it FILTER?"),
        ("SELECT * { ?s ?p ?o FILTER(isIri(?o) && isBlnk(?o)) }", "is it ISBLANK?"),
        ("SELECT * { ?s ?p embassy }", "a name needs its prefix"),
        ("SELECT * {\n { ?s ?p ?o }", "Close the { in line 1, column 10."),
        ("SELECT * { ?s ?p ?o } }", "The } in line 1, column 23 closes nothing."),
        ("SELECT * { ?s ?p ?o FILTER(?o > (1 } ", "The } in line 1, column 36 closes"),
        ("SELECT * { ?s ?p }", "here one is missing"),
        ("SELECT * { ?s ?p ?o . ?s }", "here one is missing"),
        ("SELECT ?x WHERE { ?x ?y ?z } LIMIT", "Correct the query there"),
        ("", "begins with SELECT"),
    ],
)
def test_a_usual_slip_is_told(text: str, remedy: str) -> None:
    """What to do, not only where the engine gave up."""
    with pytest.raises(InvalidQuery) as caught:
        OxigraphStore().query(text)
    assert remedy in str(caught.value.remedy)


def test_a_group_in_a_select_clause_is_not_the_outermost() -> None:
    """Values are bound in the WHERE clause."""
    store = embedded({FACTS: [SHARED, (E.t, E.p, E.o)]})
    text = "SELECT (EXISTS { ?s ?p ?o } AS ?is) { ?s ?p ?o }"
    assert len(rows(store, text, bindings={"o": SALAM})) == 1


def test_a_query_that_uses_up_the_stack_is_told() -> None:
    """In the engine whose stack is Python's; the next query works."""
    store, usual = RdflibStore(), sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 150)
    try:
        with pytest.raises(InvalidQuery, match="nested too deep"):
            store.query("ASK { FILTER(" + "(" * 90 + "true" + ")" * 90 + ") }")
    finally:
        sys.setrecursionlimit(usual)
    assert store.query("ASK {}").truth
