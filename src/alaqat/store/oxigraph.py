"""Answers of Oxigraph, which it writes itself: nothing is lost on the way.

The tables that a store on disk is in: opened before anything is asked.

The engine opens the first sixteen with the store, and the others when it first looks
into them. A process that may open no more files by then could not read them.

Oxigraph as a store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import IO, Literal

import pyoxigraph as ox
from rdflib import Graph, URIRef
from rdflib.term import Node

from alaqat.errors import (
    InvalidQuery,
    ReadOnly,
    StoreUnavailable,
    UnknownGraph,
    UnsupportedFormat,
)
from alaqat.rdf.formats import (
    CSV,
    JSON,
    TSV,
    XML,
    Format,
    Kind,
    formats_for,
)
from alaqat.rdf.terms import from_oxigraph, to_oxigraph
from alaqat.rdf.writing import write_statements
from alaqat.sparql.analysis import analyse_query, analyse_update
from alaqat.sparql.diagnostics import diagnose
from alaqat.sparql.rewrite import rewrite_order_by
from alaqat.store.interface import (
    DatasetSelection,
    QueryResult,
    Row,
    Triple,
    default_dataset,
    select_dataset,
)
from alaqat.terms import (
    BASE,
    STORE_DEFAULT_GRAPH,
    is_default_graph,
)

_RESULTS = {
    JSON: ox.QueryResultsFormat.JSON,
    XML: ox.QueryResultsFormat.XML,
    CSV: ox.QueryResultsFormat.CSV,
    TSV: ox.QueryResultsFormat.TSV,
}


@dataclass(frozen=True)
class Solutions:
    """The rows of a SELECT."""

    result: ox.QuerySolutions
    kind: Literal["bindings"] = "bindings"
    truth: None = None

    @property
    def variables(self) -> Sequence[str]:
        """The names of the columns."""
        return tuple(variable.value for variable in self.result.variables)

    def __iter__(self) -> Iterator[Row]:
        """The rows."""
        for solution in self.result:
            yield tuple(None if t is None else from_oxigraph(t) for t in solution)

    def write(self, out: IO[bytes], form: Format) -> None:
        """Write the rows as they come."""
        self.result.serialize(out, _RESULTS[_check(form, self.kind)])


@dataclass(frozen=True)
class Truth:
    """The answer to an ASK."""

    result: ox.QueryBoolean
    kind: Literal["boolean"] = "boolean"
    variables: Sequence[str] = ()

    @property
    def truth(self) -> bool:
        """Whether it is so."""
        return bool(self.result)

    def __iter__(self) -> Iterator[Row]:
        """There are no rows."""
        return iter(())

    def write(self, out: IO[bytes], form: Format) -> None:
        """Write the answer."""
        self.result.serialize(out, _RESULTS[_check(form, self.kind)])


@dataclass(frozen=True)
class Triples:
    """The graph of a CONSTRUCT or DESCRIBE."""

    result: Iterable[ox.Triple]
    prefixes: Mapping[str, str]
    kind: Literal["graph"] = "graph"
    variables: Sequence[str] = ()
    truth: None = None

    def __iter__(self) -> Iterator[Row]:
        """The triples, each once."""
        for triple in dict.fromkeys(self.result):
            yield tuple(from_oxigraph(term) for term in triple)

    def write(self, out: IO[bytes], form: Format) -> None:
        """Write the triples as they come, with the prefixes of the query."""
        _check(form, self.kind)
        write_statements(self.result, out, form, self.prefixes)


def answer(
    result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
    prefixes: Mapping[str, str],
) -> QueryResult:
    """The answer for what the engine gave."""
    if isinstance(result, ox.QuerySolutions):
        return Solutions(result)
    if isinstance(result, ox.QueryBoolean):
        return Truth(result)
    return Triples(result, prefixes)


def _check(form: Format, kind: Kind) -> Format:
    """A format in which this kind of answer is written.

    Raises:
        UnsupportedFormat: it is not.
    """
    if kind not in form.kinds:
        names = ", ".join(each.name for each in formats_for(kind))
        raise UnsupportedFormat(
            f"A {kind} cannot be written as {form.title}.", remedy=f"Take {names}."
        )
    return form


_OPEN_FILES = Path("/proc/self/fd")


def open_tables(data: ox.Store) -> None:
    """Have the engine look into each of its indexes.

    That opens all tables of a store, but for large ones, whose indexes are in several.
    """
    quad = next(data.quads_for_pattern(None, None, None, None), None)
    if quad is None:
        return
    graphs = None, ox.DefaultGraph(), next(data.named_graphs(), None)
    for subject, predicate, value, graph in product(
        (None, quad.subject), (None, quad.predicate), (None, quad.object), graphs
    ):
        next(data.quads_for_pattern(subject, predicate, value, graph), None)


def closed_tables(folder: Path) -> int:
    """How many tables of the store in a folder are not open in this process."""
    opened = set()
    for link in list(_OPEN_FILES.iterdir()) if _OPEN_FILES.exists() else ():
        with suppress(OSError):  # the list itself was open, and is not any more
            opened.add(link.readlink())
    return sum(path not in opened for path in folder.resolve().glob("*.sst"))


_OxGraph = ox.NamedNode | ox.DefaultGraph
_AnyGraph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph
_PLACE = re.compile(r"(?:error at (\d+):(\d+): )?(.*)", re.DOTALL)
_SENTENCE = re.compile(r"The [^,]+")
_NAMES = re.compile(r"The (custom .*function|graph) <")
_KEPT = 8  # selections of graphs whose overlap is remembered


@dataclass
class OxigraphStore:
    """Named graphs in an Oxigraph store.

    Attributes:
        data: the engine's store.
        writable: whether it may be changed.
        is_set: whether it is known that no triple stands in two graphs of the usual
            default graph; only of a store that does not change.
        services: the endpoints that a query may call by SERVICE.
    """

    data: ox.Store = field(default_factory=ox.Store)
    writable: bool = True
    is_set: bool = False
    services: frozenset[str] = frozenset()
    _merged: dict[DatasetSelection, ox.Store | None] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, *, is_set: bool = False) -> OxigraphStore:
        """The store in a folder, to read; other processes may read it too.

        Args:
            folder: where it is.
            is_set: whether its usual default graph is known to be a set as it is.

        Raises:
            StoreUnavailable: there is no store, or it is damaged.
        """
        try:
            data = ox.Store.read_only(str(folder))
            return cls(data, writable=False, is_set=is_set)
        except (OSError, RuntimeError, ValueError) as error:
            raise StoreUnavailable(
                "The store cannot be opened.",
                path=folder,
                cause=str(error),
                remedy="Build the dataset again: alaqat build",
            ) from None

    def query(
        self,
        text: str,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        bindings: Mapping[str, Node] | None = None,
        timeout: float | None = None,  # noqa: ARG002 # nothing in this process can be stopped
    ) -> QueryResult:
        """Run a query; rows are computed while they are read."""
        outline = analyse_query(text, self.services)
        bound = outline.bound(bindings or {})
        selection = select_dataset(outline, default_graphs, named_graphs, self.graphs())
        merged = self._merge(selection)
        run = partial(
            (merged or self.data).query,
            base_iri=BASE,
            default_graph=_default(selection, merged),
            named_graphs=[ox.NamedNode(name) for name in selection.named],
        )
        with suppress(SyntaxError, RuntimeError):  # told of a text that nobody wrote
            return answer(run(rewrite_order_by(bound)), outline.prefixes)
        with _told(bound):
            return answer(run(bound), outline.prefixes)

    def warm(self) -> None:
        """Find out now what the first query would have to."""
        open_tables(self.data)
        self._merge(default_dataset(self.graphs()))

    def is_disjoint(self) -> bool:
        """Whether no triple stands in two graphs of the usual default graph."""
        return not self._overlap(self._usual())

    def repeats(self, graph: str, triples: Iterable[Triple]) -> bool:
        """Whether another graph of the usual default graph has a triple that one has.

        Args:
            graph: that holds the triples; the empty name is the default graph.
            triples: that are looked up in the others.
        """
        mine, usual = _graph(URIRef(graph) if graph else None), self._usual()
        others = [name for name in usual if name != mine]
        return mine in usual and any(
            ox.Quad(to_oxigraph(s), to_oxigraph(p), to_oxigraph(o), other) in self.data  # type: ignore[arg-type] # a graph has each term where it may stand
            for s, p, o in triples
            for other in others
        )

    def update(self, text: str) -> None:
        """Run an update in one transaction."""
        analyse_update(text)
        self.run(text)

    def run(self, text: str) -> None:
        """Run an update that has been checked, in one transaction."""
        self._check_writable()
        try:
            with _told(text):
                self.data.update(text, base_iri=BASE)
        finally:
            self._merged.clear()

    def graphs(self) -> Sequence[URIRef]:
        """The names of the graphs, sorted."""
        return sorted(URIRef(name.value) for name in self.data.named_graphs())

    def read(self, graph: str) -> Graph:
        """A copy of a graph."""
        name: _OxGraph = ox.DefaultGraph()
        if URIRef(graph) != STORE_DEFAULT_GRAPH:
            name = self._known(graph)
        copy = Graph()
        for quad in self._quads(name):
            subject, predicate, value = map(from_oxigraph, quad.triple)
            copy.add((subject, predicate, value))
        return copy

    def replace(self, graph: str, triples: Iterable[Triple]) -> bool:
        """Let a graph hold just these triples."""
        return self._write(graph, triples, empties=True)

    def add(self, graph: str, triples: Iterable[Triple]) -> bool:
        """Add triples to a graph."""
        return self._write(graph, triples, empties=False)

    def drop(self, graph: str) -> None:
        """Remove a graph."""
        self._check_writable()
        self.data.remove_graph(self._known(graph))
        self._merged.clear()

    def _write(self, graph: str, triples: Iterable[Triple], *, empties: bool) -> bool:
        """Write triples after all of them have been read."""
        self._check_writable()
        name = ox.NamedNode(graph)
        quads = [
            ox.Quad(to_oxigraph(s), to_oxigraph(p), to_oxigraph(o), name)  # type: ignore[arg-type] # a graph has each term where it may stand
            for s, p, o in triples
        ]
        is_new = not self.data.contains_named_graph(name)
        if empties:
            self.data.clear_graph(name)
        self.data.add_graph(name)
        self.data.extend(quads)
        self._merged.clear()
        return is_new

    def _known(self, graph: str) -> ox.NamedNode:
        """The name of a graph that the store has."""
        if URIRef(graph) not in self.graphs():
            raise UnknownGraph(
                f"There is no graph {graph}.",
                remedy=f"Graphs are: {', '.join(self.graphs()) or 'none'}.",
            )
        return ox.NamedNode(graph)

    def _check_writable(self) -> None:
        """Refuse a write to a store that was opened to be read."""
        if not self.writable:
            raise ReadOnly(
                "This dataset is only read.", remedy="Change its sources and build."
            )

    def _merge(self, selection: DatasetSelection) -> ox.Store | None:
        """A store whose default graph is the set of the chosen graphs' triples.

        None if no triple stands in two of them, which is the rule in what is built:
        then the engine may read them side by side, and still counts each triple once.
        """
        if self.is_set and all(
            n is None or is_default_graph(n) for n in selection.default
        ):
            return None
        if selection not in self._merged:
            if len(self._merged) >= _KEPT:
                self._merged.clear()
            known = set(self.graphs())
            names = [_graph(n) for n in selection.default if n is None or n in known]
            is_set = not self._overlap(names)
            merged = self._merged[selection] = None if is_set else self._copy(selection)
            return merged
        return self._merged[selection]

    def _overlap(self, names: Sequence[_OxGraph]) -> bool:
        """Whether a triple stands in two of the graphs; the largest is not walked."""
        if len(names) < 2:
            return False
        by_size = sorted(names, key=lambda name: sum(1 for _ in self._quads(name)))
        return any(
            ox.Quad(quad.subject, quad.predicate, quad.object, other) in self.data
            for index, name in enumerate(by_size[:-1])
            for quad in self._quads(name)
            for other in by_size[index + 1 :]
        )

    def _usual(self) -> Sequence[_OxGraph]:
        """The graphs that make up the default graph of a query that names none."""
        return [_graph(name) for name in default_dataset(self.graphs()).default]

    def _quads(self, name: _OxGraph) -> Iterator[ox.Quad]:
        """The quads of a graph."""
        return self.data.quads_for_pattern(None, None, None, name)

    def _copy(self, selection: DatasetSelection) -> ox.Store:
        """The graphs of a selection in memory, those of the default graph as one."""
        copy = ox.Store()
        for name in selection.default:
            copy.extend(ox.Quad(*quad.triple) for quad in self._quads(_graph(name)))
        for named in selection.named:
            copy.extend(self._quads(ox.NamedNode(named)))
        return copy


def create_store(folder: Path, quads: Path) -> None:
    """Make a store in a new folder from an N-Quads file."""
    store = ox.Store(str(folder))
    store.bulk_load(path=str(quads), format=ox.RdfFormat.N_QUADS)
    store.optimize()
    store.flush()


def _default(selection: DatasetSelection, merged: ox.Store | None) -> list[_AnyGraph]:
    """The graphs that make up the default graph, in the store that is asked."""
    if merged:
        return [ox.DefaultGraph()]
    return [_graph(name) for name in selection.default]


def _graph(name: URIRef | None) -> _OxGraph:
    """A graph's name as Oxigraph has it; None is the default graph."""
    return ox.DefaultGraph() if name is None else ox.NamedNode(name)


@contextmanager
def _told(text: str) -> Iterator[None]:
    """Tell what the engine says against a text.

    It raises RuntimeError for what it reads and cannot do: call a function that it does
    not know, drop a graph that is not there, create one that is.
    """
    try:
        yield
    except SyntaxError as error:
        raise _invalid(error, text) from None
    except RuntimeError as error:
        if not _NAMES.match(str(error)):
            raise
        raise InvalidQuery(f"{error}.", remedy="Correct the name.") from None


def _invalid(error: SyntaxError, text: str) -> InvalidQuery:
    """The engine's complaint with its place, and what it says in whole sentences."""
    line, column, reason = _PLACE.findall(str(error.msg))[0]
    line, column = int(line or 1), int(column or 1)
    rest = "".join(text.splitlines()[line - 1 : line])[column - 1 :].strip()
    here = (
        f"this cannot be read: {rest[:80]}" if rest else "it is wrong before its end."
    )
    told = _SENTENCE.search(reason)
    return InvalidQuery(
        f"Line {line}, column {column}: {told[0] + '.' if told else here}",
        line=line,
        column=column,
        remedy=diagnose(text, line, column),
    )
