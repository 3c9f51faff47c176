"""Oxigraph store: queries, pattern matching and results on an Oxigraph database."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import IO, Any, Literal

import pyoxigraph as ox
import rdflib
from rdflib import BNode, Graph, URIRef
from rdflib.term import Node

from alaqat.errors import (
    InvalidData,
    InvalidQuery,
    ReadOnly,
    StoreUnavailable,
    UnsupportedFormat,
)
from alaqat.lru import LruCache
from alaqat.rdf.formats import Format, Kind, formats_for
from alaqat.rdf.graphs import Pattern, new_graph
from alaqat.rdf.terms import from_oxigraph, to_oxigraph
from alaqat.rdf.writing import write_statements
from alaqat.sparql.analysis import QueryAnalysis, ensure_analysed
from alaqat.sparql.dataset_clauses import (
    DatasetSelection,
    default_dataset,
    select_dataset,
)
from alaqat.sparql.diagnostics import diagnose
from alaqat.sparql.lexer import tokenize
from alaqat.sparql.rewrite import rewrite_query
from alaqat.store.interface import QueryResult, Row, Triple, unknown_graph
from alaqat.terms import BASE, STORE_DEFAULT_GRAPH, is_default_graph

_GraphName = ox.NamedNode | ox.DefaultGraph

_MAX_MERGED = 8  # cached merges of graphs

# The engine's syntax errors: "error at 1:8: expected one of …" or "The …, …".
_ERROR_POSITION = re.compile(r"(?:error at (\d+):(\d+): )?(.*)", re.DOTALL)
_CLAUSE = re.compile(r"The [^,]+")
_NAME_ERROR = re.compile(r"The (custom .*function|graph) <")


@dataclass
class OxigraphStore:
    """Named graphs in an Oxigraph store.

    Attributes:
        data: the engine's store.
        writable: whether it may be changed.
        default_graph_disjoint: whether no two graphs merged into the default graph are
            known to share a triple; only for a store that does not change.
    """

    data: ox.Store = field(default_factory=ox.Store)
    writable: bool = True
    default_graph_disjoint: bool = False
    _merged: LruCache[ox.Store | None] = field(
        default_factory=lambda: LruCache(_MAX_MERGED)
    )
    _default_dataset: DatasetSelection | None = None

    @classmethod
    def open(
        cls, folder: Path, *, default_graph_disjoint: bool = False
    ) -> OxigraphStore:
        """Open a store read-only; other processes may read it too.

        Args:
            folder: of the store.
            default_graph_disjoint: whether no two graphs merged into the default graph
                are known to share a triple.

        Raises:
            StoreUnavailable: there is no store, or it is damaged.
        """
        try:
            return cls(
                ox.Store.read_only(str(folder)),
                writable=False,
                default_graph_disjoint=default_graph_disjoint,
            )
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
        """Evaluate a query; rows are computed as they are consumed."""
        analysis = ensure_analysed(query, ())
        selection = select_dataset(analysis, default_graphs, named_graphs)
        selection = selection or self._select_default()
        merged = self._merge(selection)
        default = map(_graph_name, selection.default)
        run = partial(
            (merged or self.data).query,
            base_iri=BASE,
            default_graph=[ox.DefaultGraph()] if merged else list(default),
            named_graphs=[ox.NamedNode(name) for name in selection.named],
        )
        # An error would refer to the rewritten query; then run the original.
        with suppress(SyntaxError, RuntimeError):
            ordered = rewrite_query(analysis, bindings, by_kind=True)
            return wrap_result(run(ordered), analysis.prefixes)
        bound = rewrite_query(analysis, bindings, by_kind=False)
        with _translate_errors(bound, analysis):
            return wrap_result(run(bound), analysis.prefixes)

    def warm(self) -> None:
        """Open the files and merge the default graph ahead of the first query."""
        open_sst_files(self.data)
        self._merge(self._select_default())

    def is_default_graph_disjoint(self) -> bool:
        """Check that no two graphs merged into the default graph share a triple."""
        return not self._overlap([*map(_graph_name, self._select_default().default)])

    def overlaps(self, graph: str, triples: Iterable[Triple]) -> bool:
        """Check whether another graph merged into the default graph has a triple.

        Args:
            graph: that holds the triples; empty for the store's own default graph.
            triples: to look for in the other graphs.
        """
        name = _graph_name(URIRef(graph) if graph else None)
        merged = [*map(_graph_name, self._select_default().default)]
        others = [other for other in merged if other != name]
        return name in merged and any(
            to_quad(triple, other) in self.data
            for triple in triples
            for other in others
        )

    @contextmanager
    def writing(self) -> Iterator[ox.Store]:
        """Yield the engine's store to be changed, then invalidate cached merges.

        Raises:
            ReadOnly: it was opened read-only.
        """
        if not self.writable:
            raise ReadOnly(
                "This dataset is read-only.",
                remedy="Change its sources and build it again.",
            )
        try:
            yield self.data
        finally:
            self._merged.clear()

    def update(self, text: str, analysis: QueryAnalysis | None = None) -> None:
        """Run a checked update in one transaction.

        Args:
            text: in SPARQL.
            analysis: of the update that it was derived from; None if generated.
        """
        with self.writing() as data, _translate_errors(text, analysis):
            data.update(text, base_iri=BASE)

    def graphs(self) -> Sequence[URIRef]:
        """Return the names of the graphs, sorted."""
        return sorted(URIRef(name.value) for name in self.data.named_graphs())

    def read(self, graph: str) -> Graph:
        """Return a copy of a graph."""
        name = URIRef(graph)
        if name != STORE_DEFAULT_GRAPH and name not in self.graphs():
            raise unknown_graph(self, graph)
        return new_graph(self.triples((None, None, None), (name,)))

    def triples(self, pattern: Pattern, graphs: Sequence[URIRef]) -> Iterator[Triple]:
        """Yield the triples that match a pattern in the union of some graphs."""
        return match_triples(self.data, pattern, graphs)

    def nquads(self) -> bytes:
        """Return all quads as N-Quads, in the engine's order."""
        return self.data.dump(format=ox.RdfFormat.N_QUADS) or b""

    def close(self) -> None:
        """Release the files."""
        self._merged.clear()
        self.data, self._default_dataset = ox.Store(), None

    def _select_default(self) -> DatasetSelection:
        """Return the default dataset, computed once if the store cannot change."""
        selection = self._default_dataset or default_dataset(self.graphs())
        if not self.writable:
            self._default_dataset = selection
        return selection

    def _merge(self, selection: DatasetSelection) -> ox.Store | None:
        """Return a store whose default graph is the merge of the selected graphs.

        None if they are disjoint, as in every built dataset: the engine then reads
        them side by side and still counts each triple once.
        """
        if self.default_graph_disjoint and all(
            n is None or is_default_graph(n) for n in selection.default
        ):
            return None
        return self._merged.get_or_create(
            selection, partial(self._merge_overlapping, selection)
        )

    def _merge_overlapping(self, selection: DatasetSelection) -> ox.Store | None:
        existing = set(self.graphs())
        names = [
            _graph_name(n) for n in selection.default if n is None or n in existing
        ]
        return self._copy(selection) if self._overlap(names) else None

    def _overlap(self, names: Sequence[_GraphName]) -> bool:
        """Check whether two of the graphs share a triple; the largest is not read."""
        if len(names) < 2:
            return False
        by_size = sorted(names, key=lambda name: sum(1 for _ in self._quads(name)))
        return any(
            _contains(self.data, quad, other)
            for index, name in enumerate(by_size[:-1])
            for quad in self._quads(name)
            for other in by_size[index + 1 :]
        )

    def _quads(self, name: _GraphName) -> Iterator[ox.Quad]:
        return self.data.quads_for_pattern(None, None, None, name)

    def _copy(self, selection: DatasetSelection) -> ox.Store:
        """Return an in-memory copy of a dataset, with its default graph merged."""
        copy = ox.Store()
        for name in map(_graph_name, selection.default):
            copy.extend(ox.Quad(*quad.triple) for quad in self._quads(name))
        for named in selection.named:
            copy.extend(self._quads(ox.NamedNode(named)))
        return copy


def create_store(folder: Path, quads: Path) -> None:
    """Create a store in a new folder from an N-Quads file."""
    store = ox.Store(str(folder))
    store.bulk_load(path=str(quads), format=ox.RdfFormat.N_QUADS)
    store.optimize()
    store.flush()


def to_quad(triple: Triple, graph: _GraphName) -> ox.Quad:
    """Return the engine's quad of a triple in a graph."""
    subject, predicate, value = map(to_oxigraph, triple)
    return ox.Quad(subject, predicate, value, graph)  # type: ignore[arg-type] # the terms of a triple are valid in their positions


def _graph_name(name: URIRef | None) -> _GraphName:
    """Return the engine's name of a graph; None is the default graph."""
    return ox.DefaultGraph() if name is None else ox.NamedNode(name)


@contextmanager
def _translate_errors(text: str, analysis: QueryAnalysis | None) -> Iterator[None]:
    """Raise InvalidQuery for the errors of the engine that a text causes.

    The engine raises RuntimeError for what it parses and cannot do: call an unknown
    function, drop a graph that does not exist, create one that does.
    """
    try:
        yield
    except SyntaxError as error:
        raise _syntax_error(error, text, analysis) from None
    except RuntimeError as error:
        if not _NAME_ERROR.match(str(error)):
            raise
        raise InvalidQuery(f"{error}.", remedy="Correct the name.") from None


def _syntax_error(
    error: SyntaxError, text: str, analysis: QueryAnalysis | None
) -> InvalidQuery:
    """Return the engine's syntax error with its position and a remedy."""
    is_original = analysis is not None and analysis.text == text
    tokens = analysis.tokens if analysis and is_original else tokenize(text)
    line, column, reason = _ERROR_POSITION.findall(str(error.msg))[0]
    line, column = int(line or 1), int(column or 1)
    rest = "".join(text.splitlines()[line - 1 : line])[column - 1 :].strip()
    clause = _CLAUSE.search(reason)
    if clause:
        message = f"{clause[0]}."
    elif rest:
        message = f"cannot be parsed here: {rest[:80]}"
    else:
        message = "there is an error before the end of the text."
    return InvalidQuery(
        f"Line {line}, column {column}: {message}",
        line=line,
        column=column,
        remedy=diagnose(text, tokens, line, column),
    )


# Results


@dataclass(frozen=True)
class BindingsResult:
    """The result of a SELECT."""

    result: ox.QuerySolutions
    kind: Literal["bindings"] = "bindings"
    truth: None = None

    @property
    def variables(self) -> Sequence[str]:
        """The names of the columns."""
        return tuple(variable.value for variable in self.result.variables)

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows."""
        for solution in self.result:
            yield tuple(None if t is None else from_oxigraph(t) for t in solution)

    def write(self, out: IO[bytes], form: Format) -> None:
        """Serialize the rows as they are computed."""
        engine_format = _engine_format(_require_format(form, self.kind))
        if engine_format is None and form.write_rows:
            form.write_rows(self.variables, self, out)
        else:
            self.result.serialize(out, engine_format)


@dataclass(frozen=True)
class BooleanResult:
    """The result of an ASK."""

    result: ox.QueryBoolean
    kind: Literal["boolean"] = "boolean"
    variables: Sequence[str] = ()

    @property
    def truth(self) -> bool:
        """The boolean."""
        return bool(self.result)

    def __iter__(self) -> Iterator[Row]:
        """Return an empty iterator: there are no rows."""
        return iter(())

    def write(self, out: IO[bytes], form: Format) -> None:
        """Serialize the boolean."""
        self.result.serialize(out, _engine_format(_require_format(form, self.kind)))


@dataclass(frozen=True)
class GraphResult:
    """The result of a CONSTRUCT or DESCRIBE."""

    result: Iterable[ox.Triple]
    prefixes: Mapping[str, str]
    kind: Literal["graph"] = "graph"
    variables: Sequence[str] = ()
    truth: None = None

    def __iter__(self) -> Iterator[Row]:
        """Yield the triples, each once."""
        for triple in dict.fromkeys(self.result):
            yield tuple(from_oxigraph(term) for term in triple)

    def write(self, out: IO[bytes], form: Format) -> None:
        """Serialize the triples as they are computed, with the query's prefixes."""
        _require_format(form, self.kind)
        write_statements(self.result, out, form, self.prefixes)


def wrap_result(
    result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
    prefixes: Mapping[str, str],
) -> QueryResult:
    """Return a result of the engine as a QueryResult."""
    if isinstance(result, ox.QuerySolutions):
        return BindingsResult(result)
    if isinstance(result, ox.QueryBoolean):
        return BooleanResult(result)
    return GraphResult(result, prefixes)


def _engine_format(form: Format) -> ox.QueryResultsFormat | None:
    """Return the engine's own serializer of a format, if it has one."""
    return ox.QueryResultsFormat.from_media_type(form.media_type)


def _require_format(form: Format, kind: Kind) -> Format:
    """Return the format if it can hold this kind of result.

    Raises:
        UnsupportedFormat: it cannot.
    """
    if kind not in form.kinds:
        names = ", ".join(each.name for each in formats_for(kind))
        raise UnsupportedFormat(
            f"A {kind} cannot be written as {form.title}.", remedy=f"Use {names}."
        )
    return form


# Pattern matching

_TERM_TYPES = ((URIRef, BNode), (URIRef,), (URIRef, BNode, rdflib.Literal))


def match_triples(
    data: ox.Store, pattern: Pattern, graphs: Sequence[URIRef]
) -> Iterator[Triple]:
    """Yield the triples that match a pattern in the union of some graphs.

    It bypasses the query engine, which costs more than the lookup itself.
    """
    names = [_graph_name(None if n == STORE_DEFAULT_GRAPH else n) for n in graphs]
    try:
        terms = tuple(map(_to_term, pattern, _TERM_TYPES))
    except (InvalidData, TypeError):
        return  # no triple has such a term in such a position
    # A scan repeats its terms, so their conversion is cached.
    is_scan = pattern[0] is None and pattern[2] is None
    convert = cache(from_oxigraph) if is_scan else from_oxigraph
    for subject, predicate, value in _match_quads(data, terms, names):
        yield (
            convert(subject) if pattern[0] is None else pattern[0],
            convert(predicate) if pattern[1] is None else pattern[1],
            convert(value) if pattern[2] is None else pattern[2],
        )


def _match_quads(
    data: ox.Store, terms: tuple[Any, ...], names: Sequence[_GraphName]
) -> Iterable[ox.Triple]:
    """Return the matching triples of the graphs, each once."""
    subject, predicate, value = terms
    if len(names) == 1:
        quads = data.quads_for_pattern(subject, predicate, value, names[0])
        return (quad.triple for quad in quads)
    if terms == (None, None, None):
        return _scan_all(data, names)
    return dict.fromkeys(
        quad.triple
        for name in names
        for quad in data.quads_for_pattern(subject, predicate, value, name)
    )


def _scan_all(data: ox.Store, names: Sequence[_GraphName]) -> Iterator[ox.Triple]:
    """Yield all triples of several graphs; a set of those seen could be too large."""
    for index, name in enumerate(names):
        for quad in data.quads_for_pattern(None, None, None, name):
            if not any(_contains(data, quad, other) for other in names[:index]):
                yield quad.triple


def _contains(data: ox.Store, quad: ox.Quad, name: _GraphName) -> bool:
    """Check whether a graph has the triple of a quad too."""
    return ox.Quad(quad.subject, quad.predicate, quad.object, name) in data


def _to_term(term: Node | None, types: tuple[type[Node], ...]) -> Any:
    """Return the engine's term; TypeError if it is not valid in its position."""
    if term is None:
        return None
    if not isinstance(term, types):
        raise TypeError(term)
    return to_oxigraph(term)


# SST files: the engine opens the first sixteen with the store and the rest on demand,
# which fails in a process that may not open files any more.

_FILE_DESCRIPTORS = range(4096)  # which the engine uses from the lowest up


def open_sst_files(data: ox.Store) -> None:
    """Make the engine open its SST files by a lookup in each index.

    In a large store, where an index spans several files, some stay closed.
    """
    quad = next(data.quads_for_pattern(None, None, None, None), None)
    if quad is None:
        return
    graphs = None, ox.DefaultGraph(), next(data.named_graphs(), None)
    for subject, predicate, value, graph in product(
        (None, quad.subject), (None, quad.predicate), (None, quad.object), graphs
    ):
        next(data.quads_for_pattern(subject, predicate, value, graph), None)


def count_unopened_sst_files(folder: Path) -> int:
    """Return how many SST files of a store this process has not opened."""
    opened = set()
    for number in _FILE_DESCRIPTORS:
        with suppress(OSError):  # it is not open
            opened.add(_identity(os.fstat(number)))
    return sum(_identity(path.stat()) not in opened for path in folder.glob("*.sst"))


def _identity(file: os.stat_result) -> tuple[int, int]:
    return file.st_dev, file.st_ino
