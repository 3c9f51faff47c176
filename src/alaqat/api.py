"""What `import alaqat` gives: a built dataset, to be asked from Python."""

from __future__ import annotations

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
from alaqat.parameters import Parameters
from alaqat.proofs.as_text import proof_as_lines
from alaqat.proofs.prover import (
    MAX_PROOFS,
    Why,
    why,
)
from alaqat.queries.library import Library, read_library
from alaqat.queries.query import read_term
from alaqat.sources import root as knowledge
from alaqat.sparql.rewrite import with_label_columns
from alaqat.store.interface import (
    QueryResult,
    Row,
    Store,
    Triple,
)
from alaqat.store.releases import current_release
from alaqat.temporal.edtf import parse_day

#: What may be given for a term: itself, a value of Python, or what a person types.
Given = Node | str | int | float | bool | date


class KnowledgeGraph:
    """A dataset to query and to ask for its reasons; it does not change.

    Where a thing or a property is asked for, an IRI of rdflib, a prefixed name, a code
    or a label in any language will do.

    Args:
        store: what is queried.
        library: the saved questions.
        version: names the content.
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
        """A copy of a graph, by its IRI or what follows ``graph/`` in it.

        Raises:
            UnknownGraph: there is none of that name.
        """
        return self._data.store.read(find_graph(self._data.store, name))

    def query(self, text: str, /, **bindings: Given) -> Result:
        """Run a SPARQL query; the result is one of rdflib.

        Args:
            text: the query; the project's prefixes must be declared in it.
            bindings: what its variables stand for, by their names.

        Raises:
            InvalidQuery: it cannot be read, or a value is no term.
        """
        terms = {name: _term(value) for name, value in bindings.items()}
        return _result(self._data.store.query(text, bindings=terms))

    def answer(self, name: str, /, **params: Given) -> Result:
        """Answer a saved question; a parameter that is not given means all.

        Raises:
            UnknownQuery: no question has that name.
            InvalidQuery: it has no such parameter, or a value is not of its kind, or
                nothing that the data knows.
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
        self, subject: Given, predicate: Given, value: Given, *, every: bool = False
    ) -> Why:
        """Why a triple holds: its shortest proof, or every one that is as short.

        Raises:
            UnknownName: nothing is called that, or several things are.
        """
        triple = self._triple(subject, predicate, value)
        return why(self._data.explainer, triple, MAX_PROOFS if every else 1)

    def check(
        self,
        subject: Given,
        predicate: Given,
        value: Given,
        *,
        at: date | str | None = None,
    ) -> Verdict:
        """Whether a triple is so, at any time or on a day: yes, no, both or silent.

        Raises:
            UnknownName: nothing is called that, or several things are.
            InvalidQuery: the day is none.
        """
        triple = self._triple(subject, predicate, value)
        view = None if at is None else self.as_of(at)
        return check(self._data.explainer, triple, view)

    def as_of(self, day: date | str) -> DayView:
        """What held on a day.

        Raises:
            InvalidQuery: the day is none.
        """
        return self._data.intervals.at(_day(day))

    def tell(self, answer: Why | Verdict | DayView, language: str = "en") -> str:
        """What why, check or as_of answered, as text for people."""
        words = self._data.words(language)
        if isinstance(answer, Why):
            return proof_as_lines(answer, words)
        if isinstance(answer, Verdict):
            return verdict_as_text(answer, words)
        return day_as_text(answer, words)

    def _triple(self, subject: Given, predicate: Given, value: Given) -> Triple:
        names = self._data.names
        return (
            _found(subject, names.thing),
            _found(predicate, names.property),
            _found(value, names.value),
        )


def open(  # noqa: A001 # as gzip.open and shelve.open are called
    folder: Path | str = "build/dataset", *, root: Path | str | None = None
) -> KnowledgeGraph:
    """The dataset that is current in a folder.

    Args:
        folder: what ``alaqat build`` published in.
        root: the folder that holds ``queries``; what came with the program if None.

    Raises:
        StoreUnavailable: nothing was built there, or it is damaged.
    """
    published = current_release(Path(folder))
    library = read_library(Path(root or knowledge()) / "queries")
    return KnowledgeGraph(published.open(), library, published.sha256)


def _result(answer: QueryResult) -> Result:
    """An answer as rdflib has it; rows are computed while they are read."""
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
        result.bindings = (_bound(names, row) for row in answer)
    return result


def _bound(names: Sequence[Variable], row: Row) -> dict[Variable, Identifier]:
    """The variables of a row that stand for something."""
    cells = zip(names, row, strict=True)
    return {name: term for name, term in cells if isinstance(term, Identifier)}


def _found(given: Given, find: Callable[[str], Node]) -> Node:
    """A term, or what a text names; the terms of rdflib are strings, too."""
    is_text = isinstance(given, str) and not isinstance(given, Node)
    return find(str(given)) if is_text else _term(given)


def _term(value: Given) -> Node:
    """A term itself, a literal of a value, or what a text is read as."""
    if isinstance(value, Node):
        return value
    return read_term(value) if isinstance(value, str) else Literal(value)


def _day(day: date | str) -> date:
    """A day, or what is written as one.

    Raises:
        InvalidQuery: it is none.
    """
    found = parse_day(day) if isinstance(day, str) else day
    if found is None:
        raise InvalidQuery(f"{day} is no day.", remedy="Write it as 2010-01-31.")
    return found
