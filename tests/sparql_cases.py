"""W3C SPARQL test cases: read from the manifests, run and compared.

Each case runs against the engine in this process and against the server over HTTP. The
expected results come from the case's own files alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import pyoxigraph as ox
from flask.testing import FlaskClient
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from w3c import SPARQL as SUITES

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
RDFS_LABEL = URIRef("http://www.w3.org/2000/01/rdf-schema#label")

BASE = "http://w3c.example/"

EVALUATION = ("QueryEvaluationTest", "CSVResultFormatTest")
UPDATES = ("UpdateEvaluationTest",)
POSITIVE = ("PositiveSyntaxTest", "PositiveSyntaxTest11", "PositiveUpdateSyntaxTest11")
POSITIVE += ("PositiveUpdateSyntaxTest",)
NEGATIVE = ("NegativeSyntaxTest", "NegativeSyntaxTest11", "NegativeUpdateSyntaxTest11")
NEGATIVE += ("NegativeUpdateSyntaxTest",)

# Entailment is another recommendation: queries here infer nothing (as the service
# description says), since inferences are stored. The rest have tests of their own.
ELSEWHERE = {
    *("entailment", "protocol", "http-rdf-update", "graph-store-protocol"),
    "service-description",
}


@dataclass(frozen=True)
class Case:
    """A case of a suite.

    Attributes:
        name: the folder and the name in its manifest.
        kind: the class of the case.
        request: the file with the query or update.
        data: files of the default graph.
        graphs: files of named graphs.
        result: the file with the answer, for queries.
        after: files of the default graph afterwards, for updates.
        after_graphs: files of the named graphs afterwards.
        is_lax: whether duplicate solutions may be missing.
    """

    name: str
    kind: str
    request: Path
    data: tuple[Path, ...] = ()
    graphs: Mapping[str, Path] = field(default_factory=dict)
    result: Path | None = None
    after: tuple[Path, ...] = ()
    after_graphs: Mapping[str, Path] = field(default_factory=dict)
    is_lax: bool = False

    @property
    def suite(self) -> str:
        """The version of SPARQL and the kind of case: query, update or syntax."""
        version = self.name.partition("/")[0]
        if self.kind in EVALUATION:
            return f"{version} query"
        return f"{version} {'update' if self.kind in UPDATES else 'syntax'}"

    @property
    def is_update(self) -> bool:
        """Whether the request is an update."""
        return "Update" in self.kind


class Refused(Exception):
    """The engine or server rejects a request.

    Args:
        message: the reason.
        was_parsed: whether it was parsed, but names something that does not exist: a
            function, or a graph to drop.
    """

    def __init__(self, message: str, *, was_parsed: bool = False) -> None:
        super().__init__(message)
        self.was_parsed = was_parsed


class Engine(Protocol):
    """The engine or server under test."""

    def load(self, default: bytes, graphs: Mapping[str, bytes]) -> None:
        """Replace the content with N-Triples of the default and named graphs."""

    def add(self, text: str) -> None:
        """Add triples by an update, so that graphs can share blank nodes."""

    def query(self, text: str, media_type: str) -> bytes:
        """Return the result of a query, serialized."""

    def update(self, text: str) -> None:
        """Run an update."""

    def dump(self) -> bytes:
        """Return all quads as N-Quads."""


@dataclass
class Direct:
    """The engine in this process."""

    store: ox.Store = field(default_factory=ox.Store)

    def load(self, default: bytes, graphs: Mapping[str, bytes]) -> None:
        """Replace the content."""
        self.store = ox.Store()
        self.store.load(default, ox.RdfFormat.N_TRIPLES)
        for name, content in graphs.items():
            self.store.add_graph(ox.NamedNode(name))
            graph = ox.NamedNode(name)
            self.store.load(content, ox.RdfFormat.N_TRIPLES, to_graph=graph)

    def add(self, text: str) -> None:
        """Add triples."""
        self.store.update(text)

    def query(self, text: str, media_type: str) -> bytes:
        """Return the result of a query."""
        try:
            result = self.store.query(text)
        except (SyntaxError, RuntimeError) as error:
            was_parsed = isinstance(error, RuntimeError)
            raise Refused(str(error), was_parsed=was_parsed) from None
        if isinstance(result, ox.QueryTriples):
            return result.serialize(format=ox.RdfFormat.N_TRIPLES) or b""
        form = ox.QueryResultsFormat.from_media_type(media_type)
        return result.serialize(format=form) or b""

    def update(self, text: str) -> None:
        """Run an update."""
        try:
            self.store.update(text)
        except (SyntaxError, RuntimeError) as error:
            was_parsed = isinstance(error, RuntimeError)
            raise Refused(str(error), was_parsed=was_parsed) from None

    def dump(self) -> bytes:
        """Return all quads."""
        return self.store.dump(format=ox.RdfFormat.N_QUADS) or b""


@dataclass
class OverHttp:
    """The server, through its protocols."""

    client: FlaskClient

    def load(self, default: bytes, graphs: Mapping[str, bytes]) -> None:
        """Replace the content."""
        self.update("DROP ALL")
        self._put("default", default)
        for name, content in graphs.items():
            self._put(f"graph={quote(name, safe='')}", content)

    def add(self, text: str) -> None:
        """Add triples."""
        self.update(text)

    def _put(self, graph: str, content: bytes) -> None:
        """Replace a graph."""
        reply = self.client.put(
            f"/data?{graph}", data=content, content_type="application/n-triples"
        )
        assert reply.status_code in (201, 204), reply.text

    def query(self, text: str, media_type: str) -> bytes:
        """Return the result of a query."""
        reply = self.client.post(
            "/sparql",
            data=text.encode(),
            content_type="application/sparql-query",
            headers={"Accept": f"{media_type}, application/n-triples;q=0.5"},
        )
        return self._content(reply)

    def update(self, text: str) -> None:
        """Run an update."""
        content_type = "application/sparql-update"
        reply = self.client.post(
            "/sparql", data=text.encode(), content_type=content_type
        )
        self._content(reply)

    def dump(self) -> bytes:
        """Return all quads."""
        headers = {"Accept": "application/n-quads"}
        return self._content(self.client.get("/data", headers=headers))

    def _content(self, reply) -> bytes:
        """Return the body of a successful response."""
        if reply.status_code == 400:
            problem = reply.get_json(force=True)
            detail = problem["detail"]
            was_parsed = "line" not in problem and "not a query" not in detail
            raise Refused(detail, was_parsed=was_parsed)
        assert reply.status_code in (200, 204), f"{reply.status_code} {reply.text}"
        return reply.data


@cache
def cases() -> tuple[Case, ...]:
    """Return every case of the suites about the semantics of queries and updates."""
    manifests = sorted(SUITES.glob("sparql1*/*/manifest.ttl"))
    return tuple(
        case
        for path in manifests
        if path.parent.name not in ELSEWHERE
        for case in _cases(path)
    )


def _cases(path: Path) -> Iterable[Case]:
    """Yield the cases of a manifest."""
    base = address(path)
    manifest = Graph().parse(path, publicID=base)
    for entries in manifest.objects(None, MF.entries):
        for node in Collection(manifest, entries):
            yield _case(node, manifest, path)


def _case(node: Node, manifest: Graph, path: Path) -> Case:
    """Return a case of a manifest."""
    folder = f"{path.parent.parent.name}/{path.parent.name}"
    name = str(node).rpartition("#")[2]
    kind = str(manifest.value(node, RDF.type)).rpartition("#")[2]
    action, result = manifest.value(node, MF.action), manifest.value(node, MF.result)
    request = manifest.value(action, QT.query) or manifest.value(action, UT.request)
    is_update = "Update" in kind
    return Case(
        name=f"{folder}/{name}",
        kind=kind,
        request=file_of(request or action),
        data=_files(manifest, action, (QT.data, UT.data)),
        graphs=_named(manifest, action),
        result=file_of(result) if isinstance(result, URIRef) else None,
        after=_files(manifest, result, (UT.data,)) if is_update else (),
        after_graphs=_named(manifest, result) if is_update else {},
        is_lax=(node, MF.resultCardinality, MF.LaxCardinality) in manifest,
    )


def _files(manifest: Graph, node: Node | None, names: Sequence[URIRef]) -> tuple:
    """Return the files that a case refers to by some properties."""
    found = (each for name in names for each in manifest.objects(node, name))
    return tuple(sorted(map(file_of, found)))


def _named(manifest: Graph, node: Node | None) -> dict[str, Path]:
    """Return the named graphs of a case as a mapping from names to files."""
    graphs = {}
    for name in (QT.graphData, UT.graphData):
        for each in manifest.objects(node, name):
            inner = manifest.value(each, UT.graph) or manifest.value(each, QT.graph)
            label = manifest.value(each, RDFS_LABEL)
            graphs[str(label or inner or each)] = file_of(inner or each)
    return graphs


def address(path: Path) -> str:
    """Return the IRI that stands for a file of the suites."""
    return BASE + path.relative_to(SUITES).as_posix()


def file_of(name: Node | None) -> Path:
    """Return the file that an IRI stands for."""
    return SUITES / str(name).removeprefix(BASE)


def load(engine: Engine, paths: Iterable[Path], graphs: Mapping[str, Path]) -> None:
    """Load the files of a case into an engine."""
    several = [path for path in paths if path.suffix in (".trig", ".nq")]
    plain = triples(path for path in paths if path not in several)
    engine.load(plain, {name: triples([path]) for name, path in graphs.items()})
    for path in several:
        engine.add(f"INSERT DATA {{{' '.join(_blocks(path))}}}")


def _blocks(path: Path) -> Iterable[str]:
    """Yield the quads of a file in the syntax of an update."""
    for quad in ox.parse(path=str(path), base_iri=address(path)):
        term = quad.object
        value = f"<<( {term} )>>" if isinstance(term, ox.Triple) else term
        triple = f"{quad.subject} {quad.predicate} {value} ."
        is_default = isinstance(quad.graph_name, ox.DefaultGraph)
        yield triple if is_default else f"GRAPH {quad.graph_name} {{ {triple} }}"


def triples(paths: Iterable[Path]) -> bytes:
    """Return files as N-Triples, with distinct blank nodes for each."""
    quads = (
        quad.triple
        for path in paths
        for quad in ox.parse(
            path=str(path), base_iri=address(path), rename_blank_nodes=True
        )
    )
    return ox.serialize(quads, format=ox.RdfFormat.N_TRIPLES) or b""


def fails(case: Case, engine: Engine) -> str:
    """Return what is wrong with the result of a case; empty if it passes."""
    try:
        if case.kind in EVALUATION:
            return _evaluate(case, engine)
        if case.kind in UPDATES:
            return _update(case, engine)
        return _read(case, engine)
    except Refused as error:
        return f"refused: {error}"
    except Exception as error:  # noqa: BLE001 # whatever is thrown is a miss
        return f"{type(error).__name__}: {error}"


def _text(case: Case) -> str:
    """Return the request with the base that the case assumes."""
    text = case.request.read_bytes().decode()
    return f"BASE <{address(case.request)}>\n{text}"


def _evaluate(case: Case, engine: Engine) -> str:
    """Return what is wrong with the result of a query."""
    assert case.result is not None
    text = _text(case)
    graphs = dict(case.graphs)
    for path in case.request.parent.iterdir():  # FROM names files beside the query
        is_named = f"<{path.name}>" in text and not case.data and not case.graphs
        if is_named and path.suffix in (".ttl", ".rdf", ".nt"):
            graphs[address(path)] = path
    load(engine, case.data, graphs)
    suffix = case.result.suffix
    media_type = {
        ".csv": "text/csv",
        ".tsv": "text/tab-separated-values",
        ".srx": "application/sparql-results+xml",
    }.get(suffix, "application/sparql-results+json")
    found = engine.query(text, media_type)
    if suffix == ".csv":
        return "" if _csv(found) == _csv(case.result.read_bytes()) else str(found)
    wanted = expected(case.result)
    if isinstance(wanted, ox.Dataset):
        got = canonical(ox.parse(found, ox.RdfFormat.N_TRIPLES))
        return difference(got, canonical(wanted))
    form = ox.QueryResultsFormat.from_media_type(media_type)
    got = rows_of(ox.parse_query_results(found, form))
    if isinstance(wanted, bool) or isinstance(got, bool):
        return "" if wanted == got else f"{got} is not {wanted}"
    if case.is_lax:
        wanted, got = distinct(wanted), distinct(got)
    return difference(as_dataset(got), as_dataset(wanted))


def difference(got: list[str], wanted: list[str]) -> str:
    """Return what is unexpected and what is missing."""
    if got == wanted:
        return ""
    much, less = sorted({*got} - {*wanted}), sorted({*wanted} - {*got})
    return f"too much: {much}; missing: {less}"


def _csv(content: bytes) -> list[list[tuple[str, str]]]:
    """Return the rows of CSV, keyed by column since SELECT * leaves their order open.

    CSV has no types, so numbers are compared by value and blank nodes as equal.
    """
    rows = csv.DictReader(content.decode().splitlines())
    return sorted(sorted((n, _cell(v)) for n, v in row.items()) for row in rows)


def _cell(text: str) -> str:
    """Return a cell in the form in which it is compared."""
    if text.startswith("_:"):
        return "_:"
    try:
        return repr(float(text))
    except ValueError:
        return text


Rows = list[dict[str, ox.NamedNode | ox.BlankNode | ox.Literal]]


def rows_of(result) -> Rows | bool:
    """Return the rows of a result, or its boolean."""
    if isinstance(result, ox.QueryBoolean):
        return bool(result)
    names = [variable.value for variable in result.variables]
    return [
        {name: solution[name] for name in names if solution[name] is not None}
        for solution in result
    ]


def expected(path: Path) -> Rows | bool | ox.Dataset:
    """Return the expected result that a file holds."""
    if path.suffix in (".srx", ".srj", ".tsv"):
        form = ox.QueryResultsFormat.from_extension(path.suffix[1:])
        return rows_of(ox.parse_query_results(path.read_bytes(), form))
    quads = list(ox.parse(path=str(path), base_iri=address(path)))
    facts: dict = {}
    for quad in quads:
        facts.setdefault(quad.subject, []).append((quad.predicate.value, quad.object))
    kind = (str(RDF.type), ox.NamedNode(RS + "ResultSet"))
    sets = [node for node, about in facts.items() if kind in about]
    truths = [
        value.value
        for about in facts.values()
        for name, value in about
        if name == RS + "boolean"
    ]
    if truths:
        return truths[0] == "true"
    if not sets:
        return ox.Dataset(quads)
    rows = []
    for solution in (o for p, o in facts[sets[0]] if p == RS + "solution"):
        bindings = (o for p, o in facts.get(solution, []) if p == RS + "binding")
        pairs = [dict(facts[binding]) for binding in bindings]
        rows.append({p[RS + "variable"].value: p[RS + "value"] for p in pairs})
    return rows


def distinct(rows: Rows) -> Rows:
    """Return the rows without duplicates."""
    return list({str(sorted(map(str, row.items()))): row for row in rows}.values())


def as_dataset(rows: Rows) -> list[str]:
    """Return rows as a graph with a node for each, to compare blank nodes."""
    value = "urn:x-column:"
    return canonical(
        ox.Quad(ox.BlankNode(f"row{number}"), ox.NamedNode(value + name), _value(term))
        for number, row in enumerate(rows)
        for name, term in [("", ox.Literal("row")), *row.items()]
    )


def canonical(quads: Iterable[ox.Quad]) -> list[str]:
    """Return quads sorted, with canonical blank node labels."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


def _value(term):
    """Return a literal by value: the engine does not store its lexical form."""
    if isinstance(term, ox.Triple):
        return ox.Triple(term.subject, term.predicate, _value(term.object))
    if not isinstance(term, ox.Literal) or "XMLSchema#" not in term.datatype.value:
        return term
    try:
        kind = term.datatype.value.rpartition("#")[2]
        if kind == "decimal":
            value = format(Decimal(term.value).normalize(), "f")
        elif kind in ("double", "float"):
            value = repr(float(term.value))
        elif kind == "integer":
            value = str(int(term.value))
        elif kind == "boolean":
            value = "true" if term.value in ("1", "true") else "false"
        else:
            return term
    except (InvalidOperation, ValueError):
        return term
    return ox.Literal(value, datatype=term.datatype)


def _update(case: Case, engine: Engine) -> str:
    """Return what is wrong with the dataset after an update."""
    load(engine, case.data, case.graphs)
    engine.update(_text(case))
    wanted = [
        quad
        for path in case.after
        for quad in ox.parse(
            path=str(path), base_iri=address(path), rename_blank_nodes=True
        )
    ]
    for name, path in case.after_graphs.items():
        graph = ox.NamedNode(name)
        parsed = ox.parse(triples([path]), ox.RdfFormat.N_TRIPLES)
        wanted += [ox.Quad(*quad.triple, graph) for quad in parsed]
    got = ox.parse(engine.dump(), ox.RdfFormat.N_QUADS)
    return difference(canonical(got), canonical(wanted))


def _read(case: Case, engine: Engine) -> str:
    """Return what is wrong with the acceptance or refusal of a request."""
    is_good = case.kind in POSITIVE
    assert is_good or case.kind in NEGATIVE, case.kind
    try:
        text = _text(case)
    except UnicodeDecodeError:
        return "" if not is_good else "it is not UTF-8"
    engine.load(b"", {})
    try:
        if case.is_update:
            engine.update(text)
        else:
            engine.query(text, "application/sparql-results+json")
    except Refused as error:
        return "" if error.was_parsed is is_good else f"refused: {error}"
    return "" if is_good else "taken"
