"""The parameters of a saved question: what they may be, and what people gave."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from rdflib import XSD, Literal, URIRef
from rdflib.term import Node

from alaqat.dataset import Dataset
from alaqat.errors import InvalidQuery
from alaqat.library import Library, Query
from alaqat.terms import short
from alaqat.web.cells import Cells
from alaqat.web.labels import Labels
from alaqat.web.versions import Once

Choices = Mapping[str, tuple[Node, ...]]

_MOST = 500  # choices in a form; a longer list is a field to type in


@dataclass(frozen=True)
class Choice:
    """A value that a parameter may take."""

    value: str
    text: str
    language: str
    is_chosen: bool


@dataclass(frozen=True)
class Field:
    """A parameter as a form has it.

    Attributes:
        name: of the parameter.
        kind: choice, date or text.
        value: what was given; empty means all.
        choices: what it may be, if that is known.
    """

    name: str
    kind: str
    value: str
    choices: list[Choice]


class Parameters:
    """Reads what people give for the parameters of questions.

    Args:
        library: its view tells whether a dataset knows an IRI at all.
        labels: of every version.
    """

    def __init__(self, library: Library, labels: Once[Labels]) -> None:
        self._library = library
        self._labels = labels
        self._choices: dict[str, Once[Choices]] = {}

    def terms(
        self, dataset: Dataset, query: Query, given: Mapping[str, str]
    ) -> dict[str, Node]:
        """The terms that the given values mean; an empty one means all.

        Raises:
            InvalidQuery: a parameter is unknown, or nothing is called that; the
                message tells what is near.
        """
        values = {name: text.strip() for name, text in given.items()}
        return {
            name: self._term(dataset, query, name, text)
            for name, text in values.items()
            if text or name not in query.params
        }

    def fields(
        self, dataset: Dataset, query: Query, terms: Mapping[str, Node], language: str
    ) -> list[Field]:
        """The parameters of a question as a form has them."""
        choices = self._choices_of(query, dataset)
        cells = Cells(self._labels.of(dataset), language)
        return [
            _field(name, choices.get(name, ()), terms.get(name), cells)
            for name in query.params
        ]

    def _term(self, dataset: Dataset, query: Query, name: str, text: str) -> Node:
        """The term that one value means, by its form or by its label."""
        try:
            term = query.bind({name: text})[name]
        except InvalidQuery:
            if name not in query.params:
                raise
            term = Literal(text)
        choices = self._choices_of(query, dataset).get(name, ())
        if term in choices or (_is_typed(term) and not choices):
            return term
        if isinstance(term, URIRef) and self._is_known(dataset, term):
            return term
        return self._called(dataset, query, name, text, choices)

    def _called(
        self,
        dataset: Dataset,
        query: Query,
        name: str,
        text: str,
        choices: tuple[Node, ...],
    ) -> Node:
        """The choice that is called what was given."""
        labels = self._labels.of(dataset)
        called: dict[str, Node] = {}
        for choice in choices:
            for label in (*labels.every(str(choice)).values(), _written(choice)):
                called.setdefault(label.casefold(), choice)
        if text.casefold() in called:
            return called[text.casefold()]
        near = difflib.get_close_matches(text.casefold(), called, n=4, cutoff=0.5)
        found = list(dict.fromkeys(_written(called[one]) for one in near))
        raise InvalidQuery(
            f"{query.name} has no {name} that is called {text}.",
            remedy=f"Near it: {', '.join(found)}."
            if found
            else f"Leave {name} out for all.",
        )

    def _is_known(self, dataset: Dataset, iri: URIRef) -> bool:
        """Whether the dataset says anything about an IRI."""
        text = self._library.get("anything").text
        return bool(dataset.store.query(text, bindings={"subject": iri}).truth)

    def _choices_of(self, query: Query, dataset: Dataset) -> Choices:
        """What each parameter may be: what the question gives when it is left out."""
        once = self._choices.setdefault(query.name, Once(partial(_read, query=query)))
        return once.of(dataset)


def _read(dataset: Dataset, query: Query) -> Choices:
    """The values of the columns that are parameters, each once."""
    answer = dataset.store.query(query.text)
    columns = [name for name in answer.variables if name in query.params]
    places = {name: list(answer.variables).index(name) for name in columns}
    found: dict[str, dict[Node, None]] = {name: {} for name in columns}
    for row in answer:
        for name, place in places.items():
            if (term := row[place]) is not None:
                found[name][term] = None
    return {name: tuple(terms) for name, terms in found.items()}


def _field(
    name: str, choices: tuple[Node, ...], chosen: Node | None, cells: Cells
) -> Field:
    """One parameter as a form has it."""
    value = "" if chosen is None else _written(chosen)
    if not choices:
        is_date = name == "date" or getattr(chosen, "datatype", None) == XSD.date
        return Field(name, "date" if is_date else "text", value, [])
    if len(choices) > _MOST:
        return Field(name, "text", value, [])
    known = choices if chosen is None or chosen in choices else (*choices, chosen)
    offered = []
    for term in known:
        cell = cells.of(term)
        is_chosen = term == chosen
        offered.append(Choice(_written(term), cell.text, cell.language, is_chosen))
    return Field(name, "choice", value, sorted(offered, key=lambda one: one.text))


def _written(term: Node) -> str:
    """A term as people and links write it: an IRI in short, a literal as it stands."""
    return short(str(term)) if isinstance(term, URIRef) else str(term)


def _is_typed(term: Node) -> bool:
    """Whether a literal says of what type it is."""
    return isinstance(term, Literal) and term.datatype is not None
