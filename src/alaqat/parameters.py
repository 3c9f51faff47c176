"""What people give for the parameters of a saved question, held against the data.

A value that the data knows nothing of would find nothing, which reads like an answer;
so it is refused, with what is near.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rdflib import Literal, URIRef
from rdflib.term import Node

from alaqat.dataset import Dataset
from alaqat.errors import (
    AmbiguousName,
    InvalidQuery,
    UnknownName,
)
from alaqat.queries.library import Library
from alaqat.queries.query import (
    PARAMETER_TYPES,
    ParameterType,
    SavedQuery,
    read_term,
)
from alaqat.store.interface import Store
from alaqat.terms import short

if TYPE_CHECKING:
    from alaqat.proofs.resolver import EntityResolver


Choices = Mapping[str, Mapping[Node, None]]
Given = Node | str


class Parameters:
    """Reads what is given for the parameters of questions.

    Args:
        library: its view tells whether a dataset knows an IRI at all.
    """

    def __init__(self, library: Library) -> None:
        self._known = library.get("anything").text

    def terms(
        self, dataset: Dataset, query: SavedQuery, given: Mapping[str, Given]
    ) -> dict[str, Node]:
        """The terms that the given values mean; an empty text means all.

        A value is an IRI, a prefixed name, a label in any language, a code, a date or a
        number, or a term as it stands.

        Raises:
            InvalidQuery: a parameter is unknown, a value is not of its kind, or the
                data knows nothing that is called so; the message tells what is near.
        """
        query.check_parameters(given)
        texts = {
            name: value if isinstance(value, Node) else value.strip()
            for name, value in given.items()
        }
        return {
            name: self._term(dataset, query, name, value)
            for name, value in texts.items()
            if isinstance(value, Node) or value
        }

    def choices(
        self, dataset: Dataset, query: SavedQuery, name: str
    ) -> tuple[Node, ...]:
        """What a parameter may be, as far as the question itself tells."""
        return tuple(dataset.cached(_Choices).of(query).get(name, ()))

    def _term(
        self, dataset: Dataset, query: SavedQuery, name: str, given: Given
    ) -> Node:
        """The term that one value means, by its form or by its label."""
        term = _read(given)
        if name in PARAMETER_TYPES:
            return _of_kind(PARAMETER_TYPES[name], name, given, term)
        choices = dataset.cached(_Choices).of(query).get(name, {})
        if term in choices:
            return term  # type: ignore[return-value] # None is no choice
        found: Node | None = None
        if not choices or any(isinstance(one, URIRef) for one in choices):
            if isinstance(given, Node):
                found = term
            else:
                found = _called(dataset.resolver, name, given, choices)
        if isinstance(found, URIRef) and self._knows(dataset.store, found):
            return found
        raise _unknown(dataset, query, name, given)

    def _knows(self, store: Store, iri: URIRef) -> bool:
        """Whether a dataset says anything about an IRI."""
        return bool(store.query(self._known, bindings={"subject": iri}).truth)


class _Choices:
    """What the questions answer when nothing is given, for each column of theirs.

    Args:
        dataset: the version that is asked.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._store = dataset.store  # not the dataset, which holds what is made of it
        self._found: dict[str, Choices] = {}

    def of(self, query: SavedQuery) -> Choices:
        """The values of the columns of a question that are parameters, each once."""
        if query.name not in self._found:
            self._found[query.name] = self._read(query)
        return self._found[query.name]

    def _read(self, query: SavedQuery) -> Choices:
        answer = self._store.query(query.text)
        places = {
            name: place
            for place, name in enumerate(answer.variables)
            if name in query.params
        }
        found: dict[str, dict[Node, None]] = {name: {} for name in places}
        for row in answer:
            for name, place in places.items():
                if (term := row[place]) is not None:
                    found[name][term] = None
        return found


def single_values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The values of parameters by name.

    Raises:
        InvalidQuery: one is given several times: only one value could be meant.
    """
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in given:
            raise InvalidQuery(
                f"The parameter {name} is given more than once.",
                remedy=f"Give {name} one value, or leave it out for all.",
            )
        given[name] = value
    return given


def short_form(term: Node) -> str:
    """A term as people and links write it: an IRI in short, a literal as it stands."""
    return short(str(term)) if isinstance(term, URIRef) else str(term)


def _read(given: Given) -> Node | None:
    """The term that stands there; None for a text that has the form of none."""
    if isinstance(given, Node):
        return given
    try:
        return read_term(given)
    except InvalidQuery:  # a prefix that is not in our table may be a document's own
        return None


def _of_kind(kind: ParameterType, name: str, given: Given, term: Node | None) -> Node:
    """A literal of the type that a parameter must have."""
    is_right = isinstance(term, Literal) and term.datatype == kind.datatype
    if term is None or not is_right:
        text = given.strip() if isinstance(given, str) else str(given)
        raise InvalidQuery(f"{name}: {text} is {kind.refusal}.", remedy=kind.remedy)
    return term


def _called(
    names: EntityResolver, name: str, text: str, choices: Mapping[Node, None]
) -> URIRef | None:
    """The choice that a text names, else whatever the data knows by that name."""
    for find in (lambda text: names.one_of(text, choices), names.resource):
        try:
            return find(text)
        except AmbiguousName as error:
            message = f"{name}: {error.message}"
            raise InvalidQuery(message, remedy=error.remedy) from None
        except UnknownName:
            continue
    return None


def _unknown(
    dataset: Dataset, query: SavedQuery, name: str, given: Given
) -> InvalidQuery:
    """The refusal of what the data does not know, with what is near."""
    choices = dataset.cached(_Choices).of(query).get(name, {})
    text = short_form(given) if isinstance(given, Node) else given
    several = sorted(map(short_form, choices))
    near = [
        *map(short_form, dataset.resolver.similar(text, choices)),
        *difflib.get_close_matches(text, several, n=3, cutoff=0.7),
    ]
    return InvalidQuery(
        f"{name}: the data knows no {text}.",
        remedy=f"Did you mean {', '.join(dict.fromkeys(near))}?"
        if near
        else f"Leave {name} out, and {query.name} answers with all that there are.",
    )
