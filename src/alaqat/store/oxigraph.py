"""Answers of Oxigraph, which it writes itself: nothing is lost on the way.

The tables that a store on disk is in: opened before anything is asked.

The engine opens the first sixteen with the store, and the others when it first looks
into them. A process that may open no more files by then could not read them.

Triples of some graphs by a pattern, without the machinery of a query.

Oxigraph as a store.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from alaqat.errors import (
    InvalidData,
    InvalidQuery,
    ReadOnly,
    StoreUnavailable,
    UnknownGraph,
    UnsupportedFormat,
)
from alaqat.lru import LruCache
from alaqat.rdf.formats import (
    Format,
    Kind,
    formats_for,
)
from alaqat.rdf.graphs import Pattern, new_graph
from alaqat.rdf.terms import from_oxigraph, to_oxigraph
from alaqat.rdf.writing import write_statements
from alaqat.sparql.analysis import QueryAnalysis, analysed
from alaqat.sparql.dataset_clauses import (
    DatasetSelection,
    default_dataset,
    select_dataset,
)
from alaqat.sparql.diagnostics import diagnose
from alaqat.sparql.lexer import tokenize
from alaqat.sparql.rewrite import rewrite_order_by
from alaqat.store.interface import (
    QueryResult,
    Row,
    Triple,
)
from alaqat.terms import (
    BASE,
    STORE_DEFAULT_GRAPH,
    is_default_graph,
)


@dataclass(frozen=True)
class Solutions:
    """The rows of a SELECT."""

    result: ox.QuerySolutions
    kind: typing.Literal["bindings"] = "bindings"
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
        native = _native(_check(form, self.kind))
        if native is None and form.write_rows:
            form.write_rows(self.variables, self, out)
        else:
            self.result.serialize(out, native)


@dataclass(frozen=True)
class Truth:
    """The answer to an ASK."""

    result: ox.QueryBoolean
    kind: typing.Literal["boolean"] = "boolean"
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
        self.result.serialize(out, _native(_check(form, self.kind)))


@dataclass(frozen=True)
class Triples:
    """The graph of a CONSTRUCT or DESCRIBE."""

    result: Iterable[ox.Triple]
    prefixes: Mapping[str, str]
    kind: typing.Literal["graph"] = "graph"
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


def _native(form: Format) -> ox.QueryResultsFormat | None:
    """Return the engine's own serializer of a format, if it has one."""
    return ox.QueryResultsFormat.from_media_type(form.media_type)


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


if TYPE_CHECKING:
    from alaqat.rdf.graphs import Pattern, Triple

    _GraphName = ox.NamedNode | ox.DefaultGraph

_PLACES = ((URIRef, BNode), (URIRef,), (URIRef, BNode, Literal))  # of a triple


def matching(
    data: ox.Store, pattern: Pattern, graphs: Sequence[URIRef]
) -> Iterator[Triple]:
    """Yield the triples of some graphs that match a pattern, each once."""
    names = [
        ox.DefaultGraph() if n == STORE_DEFAULT_GRAPH else ox.NamedNode(n)
        for n in graphs
    ]
    try:
        terms = tuple(map(_term, pattern, _PLACES))
    except (InvalidData, TypeError):
        return  # no triple has such a term in such a place
    # Where many are read, terms come again.
    is_scan = pattern[0] is None and pattern[2] is None
    convert = cache(from_oxigraph) if is_scan else from_oxigraph
    for subject, predicate, value in _triples(data, terms, names):
        yield (
            convert(subject) if pattern[0] is None else pattern[0],
            convert(predicate) if pattern[1] is None else pattern[1],
            convert(value) if pattern[2] is None else pattern[2],
        )


def _triples(
    data: ox.Store, terms: tuple[Any, ...], names: Sequence[_GraphName]
) -> Iterable[ox.Triple]:
    """The triples of the graphs that match, each once."""
    subject, predicate, value = terms
    if len(names) == 1:
        quads = data.quads_for_pattern(subject, predicate, value, names[0])
        return (quad.triple for quad in quads)
    if terms == (None, None, None):
        return _everything(data, names)
    return dict.fromkeys(
        quad.triple
        for name in names
        for quad in data.quads_for_pattern(subject, predicate, value, name)
    )


def _everything(data: ox.Store, names: Sequence[_GraphName]) -> Iterator[ox.Triple]:
    """All triples of several graphs; too many for remembering those that were there."""
    for number, name in enumerate(names):
        for quad in data.quads_for_pattern(None, None, None, name):
            triple = quad.triple
            if not any(_has(data, triple, other) for other in names[:number]):
                yield triple


def _has(data: ox.Store, triple: ox.Triple, name: _GraphName) -> bool:
    return ox.Quad(triple.subject, triple.predicate, triple.object, name) in data


def _term(term: Node | None, kinds: tuple[type[Node], ...]) -> Any:
    """A term as Oxigraph has it; TypeError if it cannot stand in its place."""
    if term is None:
        return None
    if not isinstance(term, kinds):
        raise TypeError(term)
    return to_oxigraph(term)


_OxGraph = ox.NamedNode | ox.DefaultGraph
_AnyGraph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph
_PLACE = re.compile(r"(?:error at (\d+):(\d+): )?(.*)", re.DOTALL)
_SENTENCE = re.compile(r"The [^,]+")
_NAMES = re.compile(r"The (custom .*function|graph) <")
_KEPT = 8  # cached selections of graphs


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
    _merged: LruCache[ox.Store | None] = field(default_factory=lambda: LruCache(_KEPT))
    _listed: DatasetSelection | None = None

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
            return cls(ox.Store.read_only(str(folder)), writable=False, is_set=is_set)
        except (OSError, RuntimeError, ValueError) as error:
            raise StoreUnavailable(
                "The store cannot be opened.",
                path=folder,
                cause=str(error),
                remedy="Build the dataset again: alaqat build",
            ) from None

    def query(
        self,
        query: str | QueryAnalysis,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        bindings: Mapping[str, Node] | None = None,
    ) -> QueryResult:
        """Run a query; rows are computed while they are read."""
        outline = analysed(query, self.services)
        chosen = select_dataset(outline, default_graphs, named_graphs)
        selection = chosen or self._usual()
        merged = self._merge(selection)
        run = partial(
            (merged or self.data).query,
            base_iri=BASE,
            default_graph=_default(selection, merged),
            named_graphs=[ox.NamedNode(name) for name in selection.named],
        )
        # An error would name a place in a text that nobody wrote: run what was written.
        with suppress(SyntaxError, RuntimeError):
            ordered = rewrite_order_by(outline, bindings, by_kind=True)
            return answer(run(ordered), outline.prefixes)
        bound = rewrite_order_by(outline, bindings, by_kind=False)
        with _told(bound, outline):
            return answer(run(bound), outline.prefixes)

    def warm(self) -> None:
        """Find out now what the first query would have to."""
        open_tables(self.data)
        self._merge(self._usual())

    def is_disjoint(self) -> bool:
        """Whether no triple stands in two graphs of the usual default graph."""
        return not self._overlap(list(map(_graph, self._usual().default)))

    def repeats(self, graph: str, triples: Iterable[Triple]) -> bool:
        """Whether another graph of the usual default graph has a triple that one has.

        Args:
            graph: that holds the triples; the empty name is the default graph.
            triples: that are looked up in the others.
        """
        mine = _graph(URIRef(graph) if graph else None)
        parts = list(map(_graph, self._usual().default))
        others = [name for name in parts if name != mine]
        return mine in parts and any(
            ox.Quad(to_oxigraph(s), to_oxigraph(p), to_oxigraph(o), other) in self.data  # type: ignore[arg-type] # a graph has each term where it may stand
            for s, p, o in triples
            for other in others
        )

    @contextmanager
    def writing(self) -> Iterator[ox.Store]:
        """Give the engine's store to be changed.

        Raises:
            ReadOnly: it was opened to be read.
        """
        if not self.writable:
            raise ReadOnly(
                "This dataset is only read.", remedy="Change its sources and build."
            )
        try:
            yield self.data
        finally:
            self._merged.clear()

    def run(self, text: str, outline: QueryAnalysis | None = None) -> None:
        """Run an update that has been checked, in one transaction.

        Args:
            text: in SPARQL.
            outline: that it was made from; None if it was made from no text.
        """
        with self.writing() as data, _told(text, outline):
            data.update(text, base_iri=BASE)

    def graphs(self) -> Sequence[URIRef]:
        """The names of the graphs, sorted."""
        return sorted(URIRef(name.value) for name in self.data.named_graphs())

    def read(self, graph: str) -> Graph:
        """A copy of a graph."""
        if URIRef(graph) != STORE_DEFAULT_GRAPH:
            self._known(graph)
        return new_graph(self.triples((None, None, None), (URIRef(graph),)))

    def triples(self, pattern: Pattern, graphs: Sequence[URIRef]) -> Iterator[Triple]:
        """Yield the triples of some graphs that match a pattern, each once."""
        return matching(self.data, pattern, graphs)

    def close(self) -> None:
        """Let go of the files."""
        self._merged.clear()
        self.data, self._listed = ox.Store(), None

    def _known(self, graph: str) -> ox.NamedNode:
        """The name of a graph that the store has."""
        if URIRef(graph) not in self.graphs():
            raise UnknownGraph(
                f"There is no graph {graph}.",
                remedy=f"Graphs are: {', '.join(self.graphs()) or 'none'}.",
            )
        return ox.NamedNode(graph)

    def _merge(self, selection: DatasetSelection) -> ox.Store | None:
        """A store whose default graph is the set of the chosen graphs' triples.

        None if no triple stands in two of them, which is the rule in what is built:
        then the engine may read them side by side, and still counts each triple once.
        """
        if self.is_set and all(
            n is None or is_default_graph(n) for n in selection.default
        ):
            return None
        return self._merged.get_or_create(
            selection, partial(self._copy_if_overlapping, selection)
        )

    def _copy_if_overlapping(self, selection: DatasetSelection) -> ox.Store | None:
        known = set(self.graphs())
        names = [_graph(n) for n in selection.default if n is None or n in known]
        return self._copy(selection) if self._overlap(names) else None

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

    def _usual(self) -> DatasetSelection:
        """Return the graphs of a query that names none; listed once if none changes."""
        listed = self._listed or default_dataset(self.graphs())
        if not self.writable:
            self._listed = listed
        return listed

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
def _told(text: str, outline: QueryAnalysis | None) -> Iterator[None]:
    """Tell what the engine says against a text.

    It raises RuntimeError for what it reads and cannot do: call a function that it does
    not know, drop a graph that is not there, create one that is.
    """
    try:
        yield
    except SyntaxError as error:
        raise _invalid(error, text, outline) from None
    except RuntimeError as error:
        if not _NAMES.match(str(error)):
            raise
        raise InvalidQuery(f"{error}.", remedy="Correct the name.") from None


def _invalid(
    error: SyntaxError, text: str, outline: QueryAnalysis | None
) -> InvalidQuery:
    """The engine's complaint with its place, and what it says in whole sentences."""
    is_written = outline is not None and outline.text == text
    tokens = outline.tokens if outline and is_written else tokenize(text)
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
        remedy=diagnose(text, tokens, line, column),
    )
