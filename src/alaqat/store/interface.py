"""The one small interface over every engine: a store, its answers, what is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Literal, Protocol

from rdflib import Graph, URIRef
from rdflib.term import Node

from alaqat.errors import InvalidData, InvalidQuery
from alaqat.formats import Format, to_oxigraph
from alaqat.formats.stored_graphs import Pattern
from alaqat.store.outline import Outline
from alaqat.terms import OWN_GRAPH, is_default_graph

Triple = tuple[Node, Node, Node]
Row = tuple[Node | None, ...]


class Answer(Protocol):
    """The answer to a query, read once: either row by row, or written as a whole."""

    @property
    def kind(self) -> Literal["bindings", "boolean", "graph"]:
        """What the query asked for: SELECT, ASK, or CONSTRUCT and DESCRIBE."""

    @property
    def variables(self) -> Sequence[str]:
        """The names of the columns; those of SELECT * in the alphabet's order."""

    @property
    def truth(self) -> bool | None:
        """What an ASK found; None for any other query."""

    def __iter__(self) -> Iterator[Row]:
        """The rows in the order of the variables, or the triples of a graph."""

    def write(self, out: IO[bytes], form: Format) -> None:
        """Write it as the engine writes it; UnsupportedFormat if it does not."""


class Store(Protocol):
    """Named graphs that can be queried and changed; every engine means the same.

    A query that names no graphs reads, as its default graph, the set of triples in the
    store's own default graph and in the graphs of facts, entities, ontology and
    inferences (``terms.is_default_graph``); ``GRAPH`` reaches all. In a default graph
    that a query chooses, ``terms.OWN_GRAPH`` names the store's own.
    """

    def query(
        self,
        text: str,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        bindings: Mapping[str, Node] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """Run a query; graphs given here come before its own FROM clauses.

        Args:
            text: in SPARQL.
            default_graphs: that make up the default graph.
            named_graphs: that GRAPH reaches.
            bindings: values of variables.
            timeout: seconds after which it is stopped by a store that can stop it;
                one in this process cannot.

        Raises:
            InvalidQuery: it is no SPARQL, or asks for what no query may.
            LimitReached: it was stopped.
            TooBusy: too many queries wait.
        """

    def update(self, text: str) -> None:
        """Run an update, all or nothing.

        Raises:
            InvalidQuery: it is no SPARQL Update, or asks for what no update may.
            ReadOnly: the store only reads.
        """

    def graphs(self) -> Sequence[URIRef]:
        """The names of the graphs, sorted."""

    def read(self, graph: str) -> Graph:
        """A copy of a graph; UnknownGraph if there is none of that name."""

    def triples(self, pattern: Pattern, graphs: Sequence[URIRef]) -> Iterator[Triple]:
        """Yield the triples of some graphs that match a pattern, each once.

        Args:
            pattern: terms that a triple must have; None is any.
            graphs: to read; one that the store does not have is empty.
        """

    def replace(self, graph: str, triples: Iterable[Triple]) -> bool:
        """Let a graph hold just these triples; True if it is new, ReadOnly."""

    def add(self, graph: str, triples: Iterable[Triple]) -> bool:
        """Add triples to a graph; True if it is new, ReadOnly."""

    def drop(self, graph: str) -> None:
        """Remove a graph; UnknownGraph if there is none of that name, ReadOnly."""


@dataclass(frozen=True)
class Selection:
    """The dataset of one query (SPARQL 1.1 Query §13).

    Attributes:
        default: the graphs whose triples make up the default graph, each named once;
            None is the store's own default graph.
        named: the graphs that GRAPH reaches.
    """

    default: tuple[URIRef | None, ...]
    named: tuple[URIRef, ...]


def graphs_of(store: Store) -> Mapping[URIRef, Graph]:
    """All graphs by name; the store's own default graph, too, if it holds anything."""
    graphs = {name: store.read(name) for name in store.graphs()}
    own = store.read(OWN_GRAPH)
    return {**graphs, OWN_GRAPH: own} if own else graphs


def select(
    outline: Outline,
    default_graphs: Sequence[str],
    named_graphs: Sequence[str],
    graphs: Sequence[URIRef],
) -> Selection:
    """The graphs that a query reads.

    Those of the request come first (SPARQL 1.1 Protocol §2.1.4), then those the query
    names, else the usual ones.

    Args:
        outline: of the query.
        default_graphs: named by the request for the default graph.
        named_graphs: named by the request for GRAPH.
        graphs: all that the store has.
    """
    for default, named in (
        (default_graphs, named_graphs),
        (outline.default, outline.named),
    ):
        if default or named:
            return Selection(_default(default), _distinct(named))
    return usual(graphs)


def usual(graphs: Sequence[URIRef]) -> Selection:
    """The graphs of a query that names none, and was asked with none."""
    default = (name for name in graphs if is_default_graph(name) and name != OWN_GRAPH)
    return Selection((None, *default), tuple(graphs))


def _distinct(names: Sequence[str]) -> tuple[URIRef, ...]:
    """The names, each once, in their order."""
    return tuple(graph_iri(name) for name in dict.fromkeys(names))


def _default(names: Sequence[str]) -> tuple[URIRef | None, ...]:
    """The graphs of a default graph; the store's own has a name for this alone."""
    return tuple(None if name == OWN_GRAPH else name for name in _distinct(names))


def graph_iri(name: str) -> URIRef:
    """The name of a graph, if it is an absolute IRI."""
    try:
        to_oxigraph(URIRef(name))
    except InvalidData:
        raise InvalidQuery(
            f"{name} is no absolute IRI.", remedy="Name graphs by their whole IRI."
        ) from None
    return URIRef(name)
