"""Python API: query a built dataset, prove its triples, view it on a day."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

from rdflib import Graph, Literal, Variable
from rdflib.query import Result
from rdflib.term import Identifier, Node

from alaqat.asof.intervals import DayView
from alaqat.asof.text import day_as_text, verdict_as_text
from alaqat.asof.verdict import Verdict, check
from alaqat.dataset import Dataset
from alaqat.errors import InvalidQuery
from alaqat.export import find_graph
from alaqat.locations import knowledge_root
from alaqat.parameters import Parameters
from alaqat.proofs.as_text import why_as_text
from alaqat.proofs.prover import (
    MAX_PROOFS,
    Why,
    why,
)
from alaqat.queries.library import Library, open_library
from alaqat.queries.query import read_term
from alaqat.sparql.rewrite import with_label_columns
from alaqat.store.interface import (
    QueryResult,
    Row,
    Store,
    Triple,
)
from alaqat.store.releases import current_release
from alaqat.temporal.edtf import parse_day

#: A term, a Python value, or the text of a name.
TermLike = Node | str | int | float | bool | date


class KnowledgeGraph:
    """An immutable dataset with SPARQL queries, proofs and views of single days.

    Resources and properties may be given as rdflib IRIs, prefixed names, codes, or
    labels in any language.

    Args:
        store: the store to query.
        library: the saved questions.
        version: identifies the content.
    """

    def __init__(self, store: Store, library: Library, version: str = "") -> None:
        self.library = library
        self._data = Dataset(store, version)

    def __repr__(self) -> str:
        return f"<KnowledgeGraph {self.version[:16]}>"

    @property
    def version(self) -> str:
        """The SHA-256 of the content."""
        return self._data.version

    @cached_property
    def graphs(self) -> tuple[str, ...]:
        """The IRIs of the named graphs, sorted."""
        return tuple(self._data.store.graphs())

    def graph(self, name: str) -> Graph:
        """Return a copy of a graph, by its IRI or what follows ``graph/`` in it.

        Raises:
            UnknownGraph: no graph has the name.
        """
        return self._data.store.read(find_graph(self._data.store, name))

    def query(self, text: str, /, **bindings: TermLike) -> Result:
        """Run a SPARQL query and return the result as rdflib's.

        Args:
            text: the query, with all its prefixes declared.
            bindings: values of its variables, by name.

        Raises:
            InvalidQuery: the query cannot be parsed, or a value is not a term.
        """
        terms = {name: _term(value) for name, value in bindings.items()}
        return _result(self._data.store.query(text, bindings=terms))

    def answer(self, name: str, /, **params: TermLike) -> Result:
        """Run a saved question; a parameter left out means all values.

        Raises:
            UnknownQuery: no question has the name.
            InvalidQuery: a parameter is unknown, or a value is of the wrong type or not
                in the data.
        """
        saved = self.library.get(name)
        given = {
            name: value if isinstance(value, str) else _term(value)
            for name, value in params.items()
        }
        terms = Parameters(self.library).terms(self._data, saved, given)
        return _result(
            self._data.store.query(with_label_columns(saved).text, bindings=terms)
        )

    def why(
        self,
        subject: TermLike,
        predicate: TermLike,
        value: TermLike,
        *,
        every: bool = False,
    ) -> Why:
        """Explain why a triple holds by its shortest proof, or by every shortest one.

        Raises:
            UnknownName: a name is unknown or ambiguous.
        """
        triple = self._triple(subject, predicate, value)
        return why(self._data.prover, triple, MAX_PROOFS if every else 1)

    def check(
        self,
        subject: TermLike,
        predicate: TermLike,
        value: TermLike,
        *,
        at: date | str | None = None,
    ) -> Verdict:
        """Check a triple at any time or on a day: yes, no, both or silent.

        Raises:
            UnknownName: a name is unknown or ambiguous.
            InvalidQuery: the date is invalid.
        """
        triple = self._triple(subject, predicate, value)
        view = None if at is None else self.as_of(at)
        return check(self._data.prover, triple, view)

    def as_of(self, day: date | str) -> DayView:
        """Return a view of the dataset as of a day.

        Raises:
            InvalidQuery: the date is invalid.
        """
        return self._data.intervals.at(_date(day))

    def as_text(self, answer: Why | Verdict | DayView, language: str = "en") -> str:
        """Return a result of `why`, `check` or `as_of` as text for people."""
        wording = self._data.wording(language)
        if isinstance(answer, Why):
            return why_as_text(answer, wording)
        if isinstance(answer, Verdict):
            return verdict_as_text(answer, wording)
        return day_as_text(answer, wording)

    def tell(self, answer: Why | Verdict | DayView, language: str = "en") -> str:
        """Return `as_text`; deprecated."""
        message = "KnowledgeGraph.tell is deprecated; use as_text."
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return self.as_text(answer, language)

    def _triple(
        self, subject: TermLike, predicate: TermLike, value: TermLike
    ) -> Triple:
        resolver = self._data.resolver
        return (
            _resolve(subject, resolver.resource),
            _resolve(predicate, resolver.property),
            _resolve(value, resolver.value),
        )


def open(  # noqa: A001 # like gzip.open and shelve.open
    folder: Path | str = "build/dataset", *, root: Path | str | None = None
) -> KnowledgeGraph:
    """Open the current release in a folder.

    Args:
        folder: the output folder of ``alaqat build``.
        root: the folder that contains ``queries``; if None, the package's own.

    Raises:
        StoreUnavailable: the folder has no release, or a damaged one.
    """
    release = current_release(Path(folder))
    library = open_library(Path(root or knowledge_root()) / "queries")
    return KnowledgeGraph(release.open(), library, release.version)


def _result(answer: QueryResult) -> Result:
    """Convert a result to rdflib's; rows are computed while they are read."""
    if answer.kind == "boolean":
        result = Result("ASK")
        result.askAnswer = answer.truth
    elif answer.kind == "graph":
        result = Result("CONSTRUCT")
        result.graph = Graph()
        for subject, predicate, value in answer:
            result.graph.add((subject, predicate, value))  # type: ignore[arg-type] # no triple lacks a term
    else:
        result = Result("SELECT")
        names = [Variable(name) for name in answer.variables]
        result.vars = names
        result.bindings = (_solution(names, row) for row in answer)
    return result


def _solution(names: Sequence[Variable], row: Row) -> dict[Variable, Identifier]:
    """Return the bound variables of a row."""
    cells = zip(names, row, strict=True)
    return {name: term for name, term in cells if isinstance(term, Identifier)}


def _resolve(given: TermLike, find: Callable[[str], Node]) -> Node:
    """Return a term, or what a text names; rdflib's terms are strings, too."""
    is_name = isinstance(given, str) and not isinstance(given, Node)
    return find(str(given)) if is_name else _term(given)


def _term(value: TermLike) -> Node:
    """Return a term as it is, a text parsed, any other value as a literal."""
    if isinstance(value, Node):
        return value
    return read_term(value) if isinstance(value, str) else Literal(value)


def _date(day: date | str) -> date:
    found = parse_day(day) if isinstance(day, str) else day
    if found is None:
        raise InvalidQuery(
            f"Not a valid date: {day}.", remedy="Write it as 2010-01-31."
        )
    return found
