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
    KINDS,
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
        self,
        dataset: Dataset,
        query: SavedQuery,
        given: Mapping[str, Given],
        store: Store | None = None,
    ) -> dict[str, Node]:
        """The terms that the given values mean; an empty text means all.

        A value is an IRI, a prefixed name, a label in any language, a code, a date or a
        number, or a term as it stands.

        Args:
            dataset: the version that knows the terms.
            query: the question.
            given: the values by parameter.
            store: evaluates the question; the dataset's own if None.

        Raises:
            InvalidQuery: a parameter is unknown, a value is not of its kind, or the
                data knows nothing that is called so; the message tells what is near.
        """
        query.check_names(given)
        texts = {
            name: value if isinstance(value, Node) else value.strip()
            for name, value in given.items()
        }
        return {
            name: self._term(dataset, query, name, value, store or dataset.store)
            for name, value in texts.items()
            if isinstance(value, Node) or value
        }

    def choices(
        self, dataset: Dataset, query: SavedQuery, store: Store | None = None
    ) -> dict[str, tuple[Node, ...]]:
        """Return the values that parameters may take, as far as the question tells.

        Args:
            dataset: the version; the values are cached in it.
            query: the question.
            store: evaluates the question; the dataset's own if None.
        """
        found = _choices(dataset, query, store or dataset.store)
        return {name: tuple(values) for name, values in found.items()}

    def _term(
        self, dataset: Dataset, query: SavedQuery, name: str, given: Given, store: Store
    ) -> Node:
        """The term that one value means, by its form or by its label."""
        term = _read(given)
        if name in KINDS:
            return _of_kind(KINDS[name], name, given, term)
        choices = _choices(dataset, query, store).get(name, {})
        if term in choices:
            return term  # type: ignore[return-value] # None is no choice
        found: Node | None = None
        if not choices or any(isinstance(one, URIRef) for one in choices):
            if isinstance(given, Node):
                found = term
            else:
                found = _called(dataset.names, name, given, choices)
        if isinstance(found, URIRef) and self._knows(dataset.store, found):
            return found
        raise _unknown(dataset, query, name, given, choices)

    def _knows(self, store: Store, iri: URIRef) -> bool:
        """Whether a dataset says anything about an IRI."""
        return bool(store.query(self._known, bindings={"subject": iri}).truth)


def _choices(dataset: Dataset, query: SavedQuery, store: Store) -> Choices:
    """Return the values of the columns that are parameters, read once per version."""
    if not query.params:
        return {}
    cache = dataset.cached(_choices_cache)
    if query.name not in cache:
        cache[query.name] = _read_choices(query, store)
    return cache[query.name]


def _choices_cache(_: Dataset) -> dict[str, Choices]:
    return {}


def _read_choices(query: SavedQuery, store: Store) -> Choices:
    result = store.query(query.text)
    places = {
        name: place
        for place, name in enumerate(result.variables)
        if name in query.params
    }
    found: dict[str, dict[Node, None]] = {name: {} for name in places}
    for row in result:
        for name, place in places.items():
            if (term := row[place]) is not None:
                found[name][term] = None
    return found


def each_once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
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


def written(term: Node) -> str:
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
    for find in (lambda text: names.one_of(text, choices), names.thing):
        try:
            return find(text)
        except AmbiguousName as error:
            message = f"{name}: {error.message}"
            raise InvalidQuery(message, remedy=error.remedy) from None
        except UnknownName:
            continue
    return None


def _unknown(
    dataset: Dataset,
    query: SavedQuery,
    name: str,
    given: Given,
    choices: Mapping[Node, None],
) -> InvalidQuery:
    """The refusal of what the data does not know, with what is near."""
    text = written(given) if isinstance(given, Node) else given
    several = sorted(map(written, choices))
    near = [
        *map(written, dataset.names.like(text, choices)),
        *difflib.get_close_matches(text, several, n=3, cutoff=0.7),
    ]
    return InvalidQuery(
        f"{name}: the data knows no {text}.",
        remedy=f"Did you mean {', '.join(dict.fromkeys(near))}?"
        if near
        else f"Leave {name} out, and {query.name} answers with all that there are.",
    )
