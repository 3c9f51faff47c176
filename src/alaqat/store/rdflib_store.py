"""The reference store: rdflib in memory, which others are compared with."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import IO, Any, Literal

import rdflib.plugins.sparql
from pyparsing import ParseBaseException
from rdflib import Dataset, Graph, URIRef
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.processor import SPARQLResult
from rdflib.term import Node

from alaqat.errors import (
    InvalidQuery,
    UnknownGraph,
    UnsupportedFormat,
)
from alaqat.rdf.formats import (
    CSV,
    TSV,
    Format,
)
from alaqat.rdf.graphs import Pattern
from alaqat.rdf.reading import read_quads
from alaqat.rdf.writing import write_triples
from alaqat.sparql.analysis import QueryAnalysis, analysed
from alaqat.sparql.dataset_clauses import (
    DatasetSelection,
    default_dataset,
    select_dataset,
)
from alaqat.sparql.rewrite import rewrite_order_by
from alaqat.store.interface import Row, Triple
from alaqat.terms import BASE, STORE_DEFAULT_GRAPH

# rdflib fetches what FROM names, files too, unless this is off; it is read at each
# query, and there is no other switch.
rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = False

# rdflib's parser has shared state: two threads in it at once break it until the
# process ends.
_PARSING = Lock()


class _RdflibDataset(Dataset):
    """A dataset that rdflib's evaluator may ask by names that rdflib warns of."""

    @property  # type: ignore[misc] # nobody sets it
    def default_context(self) -> Graph:
        """The default graph."""
        graph: Graph = self.default_graph
        return graph

    def contexts(self, triple: Any = None) -> Generator[Graph, None, None]:
        """The graphs."""
        return self.graphs(triple)


@dataclass(frozen=True)
class RdflibResult:
    """An answer that is all there."""

    kind: Literal["bindings", "boolean", "graph"]
    variables: tuple[str, ...]
    truth: bool | None
    result: SPARQLResult
    prefixes: Mapping[str, str]

    def __iter__(self) -> Iterator[Row]:
        """The rows, or the triples of a graph."""
        if self.kind == "bindings":
            for solution in self.result.bindings:
                named = {str(variable): term for variable, term in solution.items()}
                yield tuple(named.get(name) for name in self.variables)
        elif self.result.graph is not None:
            yield from self.result.graph

    def write(self, out: IO[bytes], form: Format) -> None:
        """Write it in one of the formats for its kind."""
        if self.kind not in form.kinds:
            raise UnsupportedFormat(f"A {self.kind} cannot be written as {form.title}.")
        if self.kind == "graph":
            write_triples(self.result.graph or (), out, form, self.prefixes)
        elif self.kind == "boolean" and form in (CSV, TSV):
            out.write(b"true" if self.truth else b"false")
        elif self.kind == "bindings" and form.write_rows:
            form.write_rows(self.variables, self, out)
        else:
            out.write(self.result.serialize(format=form.media_type) or b"")


class RdflibStore:
    """Named graphs in an rdflib dataset, which does not change.

    Args:
        graphs: by name; None is the default graph.
    """

    def __init__(
        self, graphs: Mapping[URIRef | None, Iterable[Triple]] | None = None
    ) -> None:
        self._data = _RdflibDataset()
        self._views: dict[DatasetSelection, Dataset] = {}
        for name, triples in (graphs or {}).items():
            graph = self._graph(name)
            for triple in triples:
                graph.add(triple)

    @classmethod
    def load(cls, quads: Path) -> RdflibStore:
        """Return a store with the quads of an N-Quads file."""
        store = cls()
        for triple, graph in read_quads(quads):
            store._graph(graph).add(triple)
        return store

    def query(
        self,
        query: str | QueryAnalysis,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        bindings: Mapping[str, Node] | None = None,
    ) -> RdflibResult:
        """Run a query to its end."""
        outline = analysed(query, ())
        bound = rewrite_order_by(outline, bindings, by_kind=False)
        chosen = select_dataset(outline, default_graphs, named_graphs)
        selection = chosen or default_dataset(self.graphs())
        try:
            parsed = _parsed(partial(prepareQuery, bound, base=BASE))
            parsed.algebra.datasetClause = None  # the view has these graphs, no others
            result: Any = self._view(selection).query(parsed)
            return _answer(result, outline)
        except RecursionError:
            raise InvalidQuery(
                "The query is nested too deep.", remedy="Ask in several queries."
            ) from None

    def graphs(self) -> Sequence[URIRef]:
        """The names of the graphs, sorted."""
        names = (graph.identifier for graph in self._data.graphs())
        return sorted(URIRef(n) for n in names if n != DATASET_DEFAULT_GRAPH_ID)

    def read(self, graph: str) -> Graph:
        """A copy of a graph."""
        is_own = URIRef(graph) == STORE_DEFAULT_GRAPH
        return Graph() + (self._graph(None) if is_own else self._known(graph))

    def triples(self, pattern: Pattern, graphs: Sequence[URIRef]) -> Iterator[Triple]:
        """Yield the triples of some graphs that match a pattern, each once."""
        own, known = (
            STORE_DEFAULT_GRAPH in graphs,
            set(self.graphs()).intersection(graphs),
        )
        chosen = map(self._graph, (*((None,) if own else ()), *known))
        return iter(
            dict.fromkeys(t for graph in chosen for t in graph.triples(pattern))
        )

    def close(self) -> None:
        """Let go of what was merged for queries."""
        self._views.clear()

    def _graph(self, name: URIRef | None) -> Graph:
        """A graph of the data, made if it is missing; the default graph for None."""
        return self._data.default_graph if name is None else self._data.graph(name)

    def _known(self, name: str) -> Graph:
        """A graph that the store has."""
        if URIRef(name) not in self.graphs():
            raise UnknownGraph(f"There is no graph {name}.", remedy=_listed(self))
        return self._graph(URIRef(name))

    def _view(self, selection: DatasetSelection) -> Dataset:
        """A dataset with just the graphs of a query."""
        if selection not in self._views:
            view, known = _RdflibDataset(), set(self.graphs())
            for name in selection.default:
                if name is None or name in known:
                    view.default_graph += self._graph(name)
            for name in known.intersection(selection.named):
                target = view.graph(name)
                target += self._graph(name)
            self._views[selection] = view
        return self._views[selection]


def _parsed(parse: Callable[[], Any]) -> Any:
    """What a parse gives; every fault in it is a fault of the text."""
    try:
        with _PARSING:
            return parse()
    except ParseBaseException as error:
        place = f"Line {error.lineno}, column {error.column}"
        raise InvalidQuery(
            f"{place}: this cannot be read: {error.line.strip()[:80] or 'nothing'}",
            line=error.lineno,
            column=error.column,
            remedy="Correct the query there, or just before.",
        ) from None
    except RecursionError:
        raise
    except Exception as error:  # noqa: BLE001 # the translator raises no narrower one
        raise InvalidQuery(
            f"The query cannot be read: {error}.", remedy="Correct the query."
        ) from None


def _answer(result: SPARQLResult, outline: QueryAnalysis) -> RdflibResult:
    """The answer with variables in the query's order, or in that of the alphabet."""
    kinds: dict[str, Literal["bindings", "boolean", "graph"]]
    kinds = {"SELECT": "bindings", "ASK": "boolean"}
    kind = kinds.get(result.type, "graph")
    variables = [str(variable) for variable in result.vars or ()]
    if outline.selects_all:
        variables.sort()
    if kind == "bindings":
        result.bindings  # noqa: B018 # evaluates what is lazy, while errors are caught
    return RdflibResult(
        *(kind, tuple(variables), result.askAnswer, result), prefixes=outline.prefixes
    )


def _listed(store: RdflibStore) -> str:
    """The names of the graphs there are, as a remedy."""
    return f"Graphs are: {', '.join(store.graphs()) or 'none'}."
