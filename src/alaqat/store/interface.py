"""Interfaces of every engine: a store that is read, and a writer that changes it.

The rows of an answer by the names of its columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Literal, Protocol, runtime_checkable

from rdflib import Graph, URIRef
from rdflib.term import Node

from alaqat.rdf.formats import Format
from alaqat.rdf.graphs import Pattern
from alaqat.sparql.analysis import QueryAnalysis, analyse_update
from alaqat.terms import STORE_DEFAULT_GRAPH

Triple = tuple[Node, Node, Node]
Row = tuple[Node | None, ...]


class QueryResult(Protocol):
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
    """Named graphs that can be queried; every engine means the same.

    A query that names no graphs reads, as its default graph, the set of triples in the
    store's own default graph and in the graphs of facts, entities, ontology and
    inferences (``terms.is_default_graph``); ``GRAPH`` reaches all. In a default graph
    that a query chooses, ``terms.OWN_GRAPH`` names the store's own.
    """

    def query(
        self,
        query: str | QueryAnalysis,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        bindings: Mapping[str, Node] | None = None,
    ) -> QueryResult:
        """Run a query; graphs given here come before its own FROM clauses.

        Args:
            query: in SPARQL; its outline, if it has been analysed already.
            default_graphs: that make up the default graph.
            named_graphs: that GRAPH reaches.
            bindings: values of variables.

        Raises:
            InvalidQuery: it is no SPARQL, or asks for what no query may.
            LimitReached: it was stopped.
            TooBusy: too many queries wait.
        """

    def graphs(self) -> Sequence[URIRef]:
        """Return the names of the graphs, sorted."""

    def read(self, graph: str) -> Graph:
        """Return a copy of a graph; UnknownGraph if there is none of that name."""

    def triples(self, pattern: Pattern, graphs: Sequence[URIRef]) -> Iterator[Triple]:
        """Yield the triples of some graphs that match a pattern, each once.

        Args:
            pattern: terms that a triple must have; None is any.
            graphs: to read; one that the store does not have is empty.
        """

    def close(self) -> None:
        """Release files, processes or connections; nothing is asked afterwards."""


@runtime_checkable
class StoppableStore(Store, Protocol):
    """A store that can stop a query, as one in this process cannot."""

    def with_timeout(self, seconds: float) -> Store:
        """Return the same store, whose queries are stopped after some seconds.

        The limit that the store has itself still holds.
        """


def with_timeout(store: Store, seconds: float | None) -> Store:
    """Return a store whose queries are stopped after some seconds, if it can do so."""
    if seconds is None or not isinstance(store, StoppableStore):
        return store
    return store.with_timeout(seconds)


@dataclass(frozen=True)
class Update:
    """A SPARQL update (SPARQL 1.1 Protocol §2.2).

    Attributes:
        text: in SPARQL.
        using_graphs: the graphs of using-graph-uri.
        using_named_graphs: the graphs of using-named-graph-uri.
    """

    text: str
    using_graphs: Sequence[str] = ()
    using_named_graphs: Sequence[str] = ()

    @cached_property
    def outline(self) -> QueryAnalysis:
        """Analyse the text, once.

        Raises:
            InvalidQuery: it asks for what no update may here, or is a query.
        """
        return analyse_update(self.text)


@dataclass(frozen=True)
class Replace:
    """Let a graph hold just these triples; None is the default graph."""

    graph: str | None
    ntriples: bytes


@dataclass(frozen=True)
class Add:
    """Add triples to a graph; None is the default graph."""

    graph: str | None
    ntriples: bytes


@dataclass(frozen=True)
class Drop:
    """Remove a graph; of the default graph, all triples."""

    graph: str | None


Mutation = Update | Replace | Add | Drop


@dataclass(frozen=True)
class CommitResult:
    """The outcome of a change.

    Attributes:
        version: of the dataset that now is current, and holds the change.
        is_new: whether the graph was not there before.
    """

    version: str
    is_new: bool = False


class Writer(Protocol):
    """Changes a dataset; each change wholly or not at all."""

    def commit(
        self, change: Mutation, *, author: str, expected: str | None = None
    ) -> CommitResult:
        """Carry out a change; whoever reads afterwards sees it.

        Args:
            change: what to do.
            author: who asks for it, for the record of changes.
            expected: the version that must be current; None if any may be.

        Raises:
            InvalidQuery: it is no SPARQL Update, or asks for what no update may.
            InvalidData: the triples cannot be read.
            UnknownGraph: the graph to drop is not there.
            Conflict: another version is current.
            Nonconforming: the shapes do not allow what would be.
            Inconsistent: what would be contradicts the ontology.
            TooBusy: too many changes wait.
        """


def read_graphs(store: Store) -> Mapping[URIRef, Graph]:
    """All graphs by name; the store's own default graph, too, if it holds anything."""
    graphs = {name: store.read(name) for name in store.graphs()}
    own = store.read(STORE_DEFAULT_GRAPH)
    return {**graphs, STORE_DEFAULT_GRAPH: own} if own else graphs


Record = Mapping[str, Node]


def records(answer: QueryResult) -> list[Record]:
    """The rows of an answer, each without the columns that have no value."""
    names = tuple(answer.variables)
    return [
        {n: term for n, term in zip(names, row, strict=True) if term is not None}
        for row in answer
    ]
