"""Parameter values of saved questions: parsed, resolved, checked against the data.

A value that the data does not contain would give an empty result, which reads like an
answer. Such a value is therefore an error, with similar values as a remedy.
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
Value = Node | str


class Parameters:
    """Converts the parameter values of saved questions to terms.

    Args:
        library: has the query of whether a dataset contains an IRI.
    """

    def __init__(self, library: Library) -> None:
        self._contains_query = library.get("anything").text

    def terms(
        self,
        dataset: Dataset,
        query: SavedQuery,
        given: Mapping[str, Value],
        store: Store | None = None,
    ) -> dict[str, Node]:
        """Return the terms of parameter values, without empty values, which mean all.

        A value is a term, or text: an IRI, prefixed name, label in any language, code,
        date or number.

        Args:
            dataset: the version that knows the terms.
            query: the question.
            given: the values by parameter.
            store: evaluates the question; the dataset's own if None.

        Raises:
            InvalidQuery: a parameter is unknown, or a value is of the wrong type or not
                in the data; the remedy lists similar values.
        """
        query.check_parameters(given)
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
        self, dataset: Dataset, query: SavedQuery, name: str, value: Value, store: Store
    ) -> Node:
        """Return the term of one value, by its form or by its label."""
        term = _parse(value)
        if name in PARAMETER_TYPES:
            return _typed_literal(PARAMETER_TYPES[name], name, value, term)
        choices = _choices(dataset, query, store).get(name, {})
        if term in choices:
            return term  # type: ignore[return-value] # None is no choice
        found: Node | None = None
        if not choices or any(isinstance(one, URIRef) for one in choices):
            if isinstance(value, Node):
                found = term
            else:
                found = _resolve(dataset.resolver, name, value, choices)
        if isinstance(found, URIRef) and self._contains(dataset.store, found):
            return found
        raise _unknown_value(dataset, query, name, value, choices)

    def _contains(self, store: Store, iri: URIRef) -> bool:
        result = store.query(self._contains_query, bindings={"subject": iri})
        return bool(result.truth)


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


def single_values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return parameter values by name.

    Raises:
        InvalidQuery: a parameter is repeated, but can only have one value.
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
    """Return a term as people and links write it: IRIs as prefixed names."""
    return short(str(term)) if isinstance(term, URIRef) else str(term)


def _parse(value: Value) -> Node | None:
    """Return the term of a value; None if it can only be a name."""
    if isinstance(value, Node):
        return value
    try:
        return read_term(value)
    except InvalidQuery:  # an unknown prefix may be one of a document's own
        return None


def _typed_literal(
    expected: ParameterType, name: str, value: Value, term: Node | None
) -> Node:
    """Return the term if it is a literal of the parameter's type, else raise."""
    if isinstance(term, Literal) and term.datatype == expected.datatype:
        return term
    text = value.strip() if isinstance(value, str) else str(value)
    raise InvalidQuery(
        f"{name}: not a valid {expected.noun}: {text}.", remedy=expected.remedy
    )


def _resolve(
    resolver: EntityResolver, name: str, text: str, choices: Mapping[Node, None]
) -> URIRef | None:
    """Return the choice that a text names, else any resource of that name."""
    for find in (lambda text: resolver.one_of(text, choices), resolver.resource):
        try:
            return find(text)
        except AmbiguousName as error:
            message = f"{name}: {error.message}"
            raise InvalidQuery(message, remedy=error.remedy) from None
        except UnknownName:
            continue
    return None


def _unknown_value(
    dataset: Dataset,
    query: SavedQuery,
    name: str,
    value: Value,
    choices: Mapping[Node, None],
) -> InvalidQuery:
    """Return the error for a value that is not in the data, with similar values."""
    text = short_form(value) if isinstance(value, Node) else value
    known = sorted(map(short_form, choices))
    similar = [
        *map(short_form, dataset.resolver.similar(text, choices)),
        *difflib.get_close_matches(text, known, n=3, cutoff=0.7),
    ]
    return InvalidQuery(
        f"{name}: {text} is not in the data.",
        remedy=f"Did you mean {', '.join(dict.fromkeys(similar))}?"
        if similar
        else f"Leave {name} out for the results of {query.name} for all values.",
    )
