"""Oxigraph as a store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pyoxigraph as ox
from rdflib import Graph, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidQuery, ReadOnly, StoreUnavailable, UnknownGraph
from alaqat.formats import to_oxigraph
from alaqat.formats.graphs import new_graph
from alaqat.formats.stored_graphs import Pattern
from alaqat.lru import LruCache
from alaqat.store.embedded.answers import answer
from alaqat.store.embedded.lookup import matching
from alaqat.store.embedded.tables import open_tables
from alaqat.store.hints import hint
from alaqat.store.interface import Answer, Triple
from alaqat.store.ordering import rewritten
from alaqat.store.outline import Outline, analysed
from alaqat.store.tokens import tokenize
from alaqat.store.using import Selection, select, usual
from alaqat.terms import BASE, OWN_GRAPH, is_default_graph

_OxGraph = ox.NamedNode | ox.DefaultGraph
_AnyGraph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph
_PLACE = re.compile(r"(?:error at (\d+):(\d+): )?(.*)", re.DOTALL)
_SENTENCE = re.compile(r"The [^,]+")
_NAMES = re.compile(r"The (custom .*function|graph) <")
_KEPT = 8  # cached selections of graphs


@dataclass
class EmbeddedStore:
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
    _listed: Selection | None = None

    @classmethod
    def open(cls, folder: Path, *, is_set: bool = False) -> EmbeddedStore:
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
        query: str | Outline,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        bindings: Mapping[str, Node] | None = None,
    ) -> Answer:
        """Run a query; rows are computed while they are read."""
        outline = analysed(query, self.services)
        chosen = select(outline, default_graphs, named_graphs)
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
            ordered = rewritten(outline, bindings, by_kind=True)
            return answer(run(ordered), outline.prefixes)
        bound = rewritten(outline, bindings, by_kind=False)
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

    def run(self, text: str, outline: Outline | None = None) -> None:
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
        if URIRef(graph) != OWN_GRAPH:
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

    def _merge(self, selection: Selection) -> ox.Store | None:
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

    def _copy_if_overlapping(self, selection: Selection) -> ox.Store | None:
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

    def _usual(self) -> Selection:
        """Return the graphs of a query that names none; listed once if none changes."""
        listed = self._listed or usual(self.graphs())
        if not self.writable:
            self._listed = listed
        return listed

    def _quads(self, name: _OxGraph) -> Iterator[ox.Quad]:
        """The quads of a graph."""
        return self.data.quads_for_pattern(None, None, None, name)

    def _copy(self, selection: Selection) -> ox.Store:
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


def _default(selection: Selection, merged: ox.Store | None) -> list[_AnyGraph]:
    """The graphs that make up the default graph, in the store that is asked."""
    if merged:
        return [ox.DefaultGraph()]
    return [_graph(name) for name in selection.default]


def _graph(name: URIRef | None) -> _OxGraph:
    """A graph's name as Oxigraph has it; None is the default graph."""
    return ox.DefaultGraph() if name is None else ox.NamedNode(name)


@contextmanager
def _told(text: str, outline: Outline | None) -> Iterator[None]:
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


def _invalid(error: SyntaxError, text: str, outline: Outline | None) -> InvalidQuery:
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
        remedy=hint(text, tokens, line, column),
    )
