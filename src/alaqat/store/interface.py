"""Store and Writer: the interfaces of every engine, for reading and for changing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Literal, Protocol, runtime_checkable

from rdflib import Graph, URIRef
from rdflib.term import Node

from alaqat.errors import UnknownGraph
from alaqat.rdf.formats import Format
from alaqat.rdf.graphs import Pattern
from alaqat.rdf.terms import Shortener
from alaqat.sparql.analysis import QueryAnalysis, analyse_update
from alaqat.terms import STORE_DEFAULT_GRAPH

Triple = tuple[Node, Node, Node]
Row = tuple[Node | None, ...]


class QueryResult(Protocol):
    """The result of a query, consumed once: by iteration or by one ``write``."""

    @property
    def kind(self) -> Literal["bindings", "boolean", "graph"]:
        """The kind of result: of SELECT, of ASK, or of CONSTRUCT and DESCRIBE."""

    @property
    def variables(self) -> Sequence[str]:
        """The names of the columns; those of SELECT * in alphabetical order."""

    @property
    def truth(self) -> bool | None:
        """The boolean of an ASK; None for any other query."""

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows, in the order of the variables, or the triples of a graph."""

    def write(self, out: IO[bytes], form: Format) -> None:
        """Serialize it with the engine's own writers where it has them.

        Raises:
            UnsupportedFormat: the format is not one for this kind of result.
        """


@runtime_checkable
class PreviewableResult(QueryResult, Protocol):
    """A result that can shorten long terms where it is computed."""

    def preview(self) -> Iterator[Row]:
        """Yield the rows like iteration, but only the start of long terms."""


def preview(result: QueryResult) -> Iterator[Row]:
    """Yield the rows of a result for a page, long terms as ``ElidedLiteral``."""
    if isinstance(result, PreviewableResult):
        return result.preview()
    shortener = Shortener()
    return (tuple(map(shortener.shorten, row)) for row in result)


class Store(Protocol):
    """Read access to named graphs, with the same semantics in every engine.

    A query that selects no dataset reads, as its default graph, the merge of the
    store's own default graph and the graphs of facts, entities, ontology and
    inferences (``terms.is_default_graph``); ``GRAPH`` reaches all. In a dataset that
    a query selects, ``terms.STORE_DEFAULT_GRAPH`` names the store's own.
    """

    def query(
        self,
        query: str | QueryAnalysis,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        bindings: Mapping[str, Node] | None = None,
    ) -> QueryResult:
        """Evaluate a query.

        Args:
            query: in SPARQL, or its analysis.
            default_graphs: of the request; win over FROM and FROM NAMED.
            named_graphs: of the request, likewise.
            bindings: values of variables.

        Raises:
            InvalidQuery: it is not SPARQL, or does what queries must not do.
            LimitReached: it was stopped at a limit.
            TooBusy: too many queries are waiting.
        """

    def graphs(self) -> Sequence[URIRef]:
        """Return the names of the graphs, sorted."""

    def read(self, graph: str) -> Graph:
        """Return a copy of a graph.

        Raises:
            UnknownGraph: there is no graph of that name.
        """

    def triples(self, pattern: Pattern, graphs: Sequence[URIRef]) -> Iterator[Triple]:
        """Yield the triples that match a pattern in the union of some graphs.

        Args:
            pattern: the terms of a triple; None is a wildcard.
            graphs: to read; one that the store lacks counts as empty.
        """

    def close(self) -> None:
        """Release files, processes and connections; the store is unusable then."""


@runtime_checkable
class StoppableStore(Store, Protocol):
    """A store that can stop a query, unlike one that evaluates in this process."""

    def with_timeout(self, seconds: float) -> Store:
        """Return the same store with a shorter limit for each query, in seconds.

        The store's own limit still holds.
        """


def with_timeout(store: Store, seconds: float | None) -> Store:
    """Return a store with a limit for each query, if it can stop one."""
    if seconds is None or not isinstance(store, StoppableStore):
        return store
    return store.with_timeout(seconds)


@dataclass(frozen=True)
class Update:
    """A SPARQL update (SPARQL 1.1 Protocol §2.2).

    Attributes:
        text: in SPARQL.
        using_graphs: using-graph-uri of the request.
        using_named_graphs: using-named-graph-uri of the request.
    """

    text: str
    using_graphs: Sequence[str] = ()
    using_named_graphs: Sequence[str] = ()

    @cached_property
    def analysis(self) -> QueryAnalysis:
        """The analysis of the text.

        Raises:
            InvalidQuery: it is a query, or does what updates must not do here.
        """
        return analyse_update(self.text)


@dataclass(frozen=True)
class Replace:
    """Replace the triples of a graph; None is the default graph."""

    graph: str | None
    ntriples: bytes


@dataclass(frozen=True)
class Add:
    """Add triples to a graph; None is the default graph."""

    graph: str | None
    ntriples: bytes


@dataclass(frozen=True)
class Drop:
    """Remove a graph; None empties the default graph."""

    graph: str | None


Mutation = Update | Replace | Add | Drop


@dataclass(frozen=True)
class CommitResult:
    """The outcome of a commit.

    Attributes:
        version: of the dataset with the mutation, now current.
        is_new: whether the mutation created its graph.
    """

    version: str
    is_new: bool = False


class Writer(Protocol):
    """Write access to a dataset, one transaction for each mutation."""

    def commit(
        self, change: Mutation, *, author: str, expected: str | None = None
    ) -> CommitResult:
        """Apply a mutation wholly or not at all; later reads see it.

        Args:
            change: the mutation.
            author: named in the change log.
            expected: the version that must be current; None accepts any.

        Raises:
            InvalidQuery: it is not SPARQL Update, or does what updates must not do.
            InvalidData: the triples cannot be parsed.
            UnknownGraph: the graph to drop does not exist.
            Conflict: another version is current.
            Nonconforming: the result violates the SHACL shapes.
            Inconsistent: the result contradicts the ontology.
            TooBusy: too many mutations are waiting.
        """


def read_graphs(store: Store) -> Mapping[URIRef, Graph]:
    """Return all graphs by name, the store's own default graph only if not empty."""
    graphs = {name: store.read(name) for name in store.graphs()}
    own = store.read(STORE_DEFAULT_GRAPH)
    return {**graphs, STORE_DEFAULT_GRAPH: own} if own else graphs


def unknown_graph(store: Store, name: str) -> UnknownGraph:
    """Return the error for a graph that a store does not have."""
    return UnknownGraph(
        f"There is no graph {name}.",
        remedy=f"Graphs are: {', '.join(store.graphs()) or 'none'}.",
    )


Record = Mapping[str, Node]


def records(result: QueryResult) -> list[Record]:
    """Return the rows as mappings from variables to terms, without unbound ones."""
    names = tuple(result.variables)
    return [
        {n: term for n, term in zip(names, row, strict=True) if term is not None}
        for row in result
    ]
