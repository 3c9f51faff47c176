"""Reference store: rdflib in memory, against which other engines are compared."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from alaqat.sparql.analysis import QueryAnalysis, ensure_analysed
from alaqat.sparql.dataset_clauses import (
    DatasetSelection,
    default_dataset,
    select_dataset,
)
from alaqat.sparql.rewrite import rewrite_query
from alaqat.store.interface import Row, Triple, unknown_graph
from alaqat.terms import BASE, STORE_DEFAULT_GRAPH

# Unless this is off, rdflib loads the URLs and files that FROM names. It is read at
# each query, and there is no other switch.
rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = False

# rdflib's parser has global state that two concurrent threads corrupt for good.
_PARSER_LOCK = Lock()


class _RdflibDataset(Dataset):
    """A dataset without the warnings that rdflib's own evaluator triggers."""

    @property  # type: ignore[misc] # read-only, unlike in the base class
    def default_context(self) -> Graph:
        """The default graph."""
        graph: Graph = self.default_graph
        return graph

    def contexts(self, triple: Any = None) -> Generator[Graph, None, None]:
        """Yield the graphs."""
        return self.graphs(triple)


@dataclass(frozen=True)
class RdflibResult:
    """The complete result of a query."""

    kind: Literal["bindings", "boolean", "graph"]
    variables: tuple[str, ...]
    truth: bool | None
    result: SPARQLResult
    prefixes: Mapping[str, str]

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows, or the triples of a graph."""
        if self.kind == "bindings":
            for solution in self.result.bindings:
                terms = {str(variable): term for variable, term in solution.items()}
                yield tuple(terms.get(name) for name in self.variables)
        elif self.result.graph is not None:
            yield from self.result.graph

    def write(self, out: IO[bytes], form: Format) -> None:
        """Serialize it in a format for its kind."""
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
    """Named graphs in an immutable rdflib dataset.

    Args:
        graphs: the triples by graph name; None is the default graph.
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
        """Load a store from an N-Quads file."""
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
        """Evaluate a query completely."""
        analysis = ensure_analysed(query, ())
        bound = rewrite_query(analysis, bindings, by_kind=False)
        selection = select_dataset(analysis, default_graphs, named_graphs)
        view = self._view(selection or default_dataset(self.graphs()))
        try:
            parsed = _parse(bound)
            parsed.algebra.datasetClause = None  # the view is the dataset
            result: Any = view.query(parsed)
            return _to_result(result, analysis)
        except RecursionError:
            raise InvalidQuery(
                "The query is nested too deep.",
                remedy="Split the query into several smaller ones.",
            ) from None

    def graphs(self) -> Sequence[URIRef]:
        """Return the names of the graphs, sorted."""
        names = (graph.identifier for graph in self._data.graphs())
        return sorted(URIRef(n) for n in names if n != DATASET_DEFAULT_GRAPH_ID)

    def read(self, graph: str) -> Graph:
        """Return a copy of a graph."""
        name = URIRef(graph)
        if name == STORE_DEFAULT_GRAPH:
            return Graph() + self._graph(None)
        if name not in self.graphs():
            raise unknown_graph(self, graph)
        return Graph() + self._graph(name)

    def triples(self, pattern: Pattern, graphs: Sequence[URIRef]) -> Iterator[Triple]:
        """Yield the triples that match a pattern in the union of some graphs."""
        names: list[URIRef | None] = [*set(self.graphs()).intersection(graphs)]
        if STORE_DEFAULT_GRAPH in graphs:
            names.insert(0, None)
        matches = (t for name in names for t in self._graph(name).triples(pattern))
        return iter(dict.fromkeys(matches))

    def close(self) -> None:
        """Release the datasets merged for queries."""
        self._views.clear()

    def _graph(self, name: URIRef | None) -> Graph:
        """Return a graph, created if it does not exist; None is the default graph."""
        return self._data.default_graph if name is None else self._data.graph(name)

    def _view(self, selection: DatasetSelection) -> Dataset:
        """Return a dataset with the graphs of a selection, cached."""
        if selection not in self._views:
            view, existing = _RdflibDataset(), set(self.graphs())
            for name in selection.default:
                if name is None or name in existing:
                    view.default_graph += self._graph(name)
            for name in existing.intersection(selection.named):
                target = view.graph(name)
                target += self._graph(name)
            self._views[selection] = view
        return self._views[selection]


def _parse(text: str) -> Any:
    """Parse a query; any error is attributed to its text."""
    try:
        with _PARSER_LOCK:
            return prepareQuery(text, base=BASE)
    except ParseBaseException as error:
        line, column = error.lineno, error.column
        rest = error.line.strip()[:80] or "nothing"
        raise InvalidQuery(
            f"Line {line}, column {column}: cannot be parsed here: {rest}",
            line=line,
            column=column,
            remedy="Correct the query there, or just before.",
        ) from None
    except RecursionError:
        raise
    except Exception as error:  # noqa: BLE001 # the translator raises no narrower one
        raise InvalidQuery(
            f"The query cannot be parsed: {error}.", remedy="Correct the query."
        ) from None


def _to_result(result: SPARQLResult, analysis: QueryAnalysis) -> RdflibResult:
    """Return the result, the variables of SELECT * in alphabetical order."""
    kinds: dict[str, Literal["bindings", "boolean", "graph"]]
    kinds = {"SELECT": "bindings", "ASK": "boolean"}
    kind = kinds.get(result.type, "graph")
    variables = [str(variable) for variable in result.vars or ()]
    if analysis.selects_all:
        variables.sort()
    if kind == "bindings":
        result.bindings  # noqa: B018 # lazy: evaluate while errors are still caught
    return RdflibResult(
        *(kind, tuple(variables), result.askAnswer, result), prefixes=analysis.prefixes
    )
